"""The rules of the log: acceptance and order of commits, and their hash chain.

Pure. Input is the log's state as `KnownLog`, output is a `AppendPlan`, which stores carry out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from event_store_svc.clock import is_repair, require_plausible
from shop.contracts.errors import CheckpointMoved, CommandReused, InvalidCommit, ShopError, WrongExpectedVersion
from shop.contracts.wire import KeptCommit, KeptEvent, KeptMeta, ProposedEvent, ProposedMeta, UnsealedCommit

Encode = Callable[[UnsealedCommit], bytes]
"""Canonical JSON: always the same bytes for the same commit."""


# Input


@dataclass(frozen=True, slots=True)
class Proposal:
    """A well-formed commit to append.

    Raises:
        InvalidCommit: a written stream has no expected version.
    """

    command_id: str
    fingerprint: str | None
    events: Sequence[ProposedEvent]
    expects: Mapping[str, int]
    meta: ProposedMeta

    def __post_init__(self) -> None:
        if unexpected := self.written - self.expects.keys():
            raise InvalidCommit(f"no version is expected of {', '.join(sorted(unexpected))}")

    @property
    def written(self) -> frozenset[str]:
        return frozenset(event["stream"] for event in self.events)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A commit that is refused in any state of the log. `written`: the streams that it names."""

    error: ShopError
    written: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckpointMove:
    """A move of a subscription's checkpoint from `old` to `new`, by compare-and-set."""

    name: str
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class AppendCall:
    """Commits and a checkpoint of one caller: each commit on its own, the checkpoint only if none fails."""

    proposals: Sequence[Proposal | Malformed]
    move: CheckpointMove | None = None


# State and plan


@dataclass(frozen=True, slots=True)
class Tail:
    """The last commit. An empty log has a tail, too, at position 0."""

    position: int
    hash: str
    at: str = ""

    @classmethod
    def of_empty(cls, log_id: str) -> "Tail":
        """The start of the hash chain: the hash of the log's id."""
        return cls(0, sha256(log_id.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class KnownLog:
    """The part of the log's state that some calls depend on, at one moment.

    Args:
        commits: by command id.
        versions: of the streams with events.
        checkpoints: of the subscriptions with a checkpoint.
        tried: hashes of commits that a failed attempt of the same calls may have inserted, on a database without
            transactions.
    """

    tail: Tail
    commits: Mapping[str, KeptCommit]
    versions: Mapping[str, int]
    checkpoints: Mapping[str, int]
    tried: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A commit in the log; `duplicate`: it was there before this call."""

    commit: KeptCommit
    duplicate: bool


@dataclass(frozen=True, slots=True)
class AppendAnswer:
    """Outcomes of a call's commits."""

    outcomes: Sequence[Recorded | ShopError]
    checkpoint_moved: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A commit with the bytes that are hashed."""

    commit: KeptCommit
    body: bytes

    @property
    def tail(self) -> Tail:
        """The tail for the next commit."""
        return Tail(self.commit["position"], self.commit["hash"], self.commit["meta"]["at"])


@dataclass(frozen=True, slots=True)
class AppendPlan:
    """The answers to some calls, and the writes that they need, the checkpoints last.

    Args:
        answers: in the order of the calls; CheckpointMoved for a call that must not be written.
        links: new commits, in order.
        checkpoints: those that move.
    """

    answers: Sequence[AppendAnswer | CheckpointMoved]
    links: Sequence[Link]
    checkpoints: Mapping[str, int]


def plan(calls: Sequence[AppendCall], known: KnownLog, *, now: str, encode: Encode) -> AppendPlan:
    """Decide the calls one after the other, each on the effects of those before it.

    Args:
        now: the time of new commits, unless the commit before is later.

    Raises:
        ClockRefused: `now` is too far from the tail's time, and no call is a repair.
    """
    proposals = [proposal for call in calls for proposal in call.proposals if isinstance(proposal, Proposal)]
    if proposals and not any(is_repair(proposal.events) for proposal in proposals):
        require_plausible(known.tail.at, now)
    planner = _Planner(known, now, encode)
    answers = [planner.answer(call) for call in calls]
    return AppendPlan(answers, planner.links, planner.checkpoints)


class _Planner:
    """The log's state during planning: the known state, overlaid with the effects of the calls decided so far."""

    def __init__(self, known: KnownLog, now: str, encode: Encode) -> None:
        self.links: list[Link] = []
        self.checkpoints: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._commits: dict[str, KeptCommit] = {}
        self._known = known
        self._now = now
        self._encode = encode

    def answer(self, call: AppendCall) -> AppendAnswer | CheckpointMoved:
        if call.move and (actual := self._checkpoint(call.move.name)) != call.move.old:
            return CheckpointMoved(call.move.name, call.move.old, actual)
        outcomes = self._decide_all(call.proposals)
        if call.move is None or any(isinstance(outcome, ShopError) for outcome in outcomes):
            return AppendAnswer(outcomes, checkpoint_moved=False)
        self.checkpoints[call.move.name] = call.move.new
        return AppendAnswer(outcomes, checkpoint_moved=True)

    def _decide_all(self, proposals: Iterable[Proposal | Malformed]) -> Sequence[Recorded | ShopError]:
        """Later commits were decided on the effects of earlier ones, and fail if an effect is missing."""
        outcomes: list[Recorded | ShopError] = []
        spoilt: frozenset[str] = frozenset()
        for proposal in proposals:
            outcome = self._decide(proposal, spoilt)
            outcomes.append(outcome)
            if isinstance(outcome, ShopError) or outcome.duplicate:
                spoilt |= proposal.written
        return outcomes

    def _decide(self, proposal: Proposal | Malformed, spoilt: frozenset[str]) -> Recorded | ShopError:
        """The command id is checked first: a recorded step returns its commit, regardless of later changes."""
        if isinstance(proposal, Malformed):
            return proposal.error
        if kept := self._kept_by_earlier_try(proposal):
            return Recorded(kept, duplicate=False)
        if original := self._original(proposal.command_id):
            same = original["fingerprint"] == proposal.fingerprint
            return Recorded(original, duplicate=True) if same else CommandReused()
        for stream, expected in proposal.expects.items():
            if (actual := self._version(stream)) != expected or stream in spoilt:
                return WrongExpectedVersion(stream, expected, actual)
        return Recorded(self._take(proposal), duplicate=False)

    def _take(self, proposal: Proposal) -> KeptCommit:
        tail = self.links[-1].tail if self.links else self._known.tail
        unsealed = UnsealedCommit(
            position=tail.position + 1,
            command_id=proposal.command_id,
            fingerprint=proposal.fingerprint,
            events=[KeptEvent(**event, version=self._next_version(event["stream"])) for event in proposal.events],
            meta=KeptMeta(**proposal.meta, at=self._now if is_repair(proposal.events) else max(self._now, tail.at)),
            prev=tail.hash,
        )
        body = self._encode(unsealed)
        commit = KeptCommit(**unsealed, hash=seal(body))
        self.links.append(Link(commit, body))
        self._commits[proposal.command_id] = commit
        return commit

    def _kept_by_earlier_try(self, proposal: Proposal) -> KeptCommit | None:
        """Counts as new for the first proposal, and as a duplicate for all others."""
        kept = self._known.commits.get(proposal.command_id)
        if kept is None or kept["hash"] not in self._known.tried or proposal.command_id in self._commits:
            return None
        if kept["fingerprint"] != proposal.fingerprint:
            return None
        self._commits[proposal.command_id] = kept
        return kept

    def _next_version(self, stream: str) -> int:
        self._versions[stream] = self._version(stream) + 1
        return self._versions[stream]

    def _version(self, stream: str) -> int:
        return self._versions.get(stream) or self._known.versions.get(stream, 0)

    def _checkpoint(self, name: str) -> int:
        return self.checkpoints.get(name, self._known.checkpoints.get(name, 0))

    def _original(self, command_id: str) -> KeptCommit | None:
        return self._commits.get(command_id) or self._known.commits.get(command_id)


# The chain


def seal(body: bytes) -> str:
    """Hash of a commit: SHA-256 of its canonical JSON, which includes the previous hash."""
    return sha256(body).hexdigest()


def fault_of(link: Link, before: Tail) -> str | None:
    """The fault of a commit that follows `before`; None if it is valid."""
    commit, position = link.commit, before.position + 1
    if seal(link.body) != commit["hash"]:
        return f"commit {position} was changed: its hash is another one"
    if commit["position"] != position:
        return f"position {position} is missing"
    if commit["prev"] != before.hash:
        return f"commit {position} does not follow the commit before it"
    if commit["meta"]["at"] < before.at and not is_repair(commit["events"]):
        return f"commit {position} is earlier than the commit before it"
    return None
