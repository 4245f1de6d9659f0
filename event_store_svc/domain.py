"""The rules of the log: which commits are taken, in which order, and how the chain of hashes holds them together.

Pure. What the log holds comes in as `Known`, what it shall hold next goes out as `Plan`; stores carry plans out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from event_store_svc.clock import is_repair, require_plausible
from shop.contracts.errors import CheckpointMoved, CommandReused, InvalidCommit, ShopError, WrongExpectedVersion
from shop.contracts.wire import KeptCommit, KeptEvent, KeptMeta, ProposedEvent, ProposedMeta, UnsealedCommit

Encode = Callable[[UnsealedCommit], bytes]
"""Canonical JSON: the same bytes for the same commit, always."""


# What is asked of the log


@dataclass(frozen=True, slots=True)
class Proposal:
    """A well-formed commit that wants to be taken.

    Raises:
        InvalidCommit: a stream is written whose version is not expected.
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
    """A commit that cannot be taken, whatever is in the log. `written`: the streams that it meant to write."""

    error: ShopError
    written: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckpointMove:
    """A subscription has handled everything up to `new`, if it stands at `old`."""

    name: str
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Call:
    """What one caller wants written: each commit on its own, the checkpoint only with all of them."""

    proposals: Sequence[Proposal | Malformed]
    move: CheckpointMove | None = None


# What the log holds, and shall hold


@dataclass(frozen=True, slots=True)
class Tail:
    """The last commit. An empty log has one, too, at position 0."""

    position: int
    hash: str
    at: str = ""

    @classmethod
    def of_empty(cls, log_id: str) -> "Tail":
        """The beginning of the chain: the hash of the log's id."""
        return cls(0, sha256(log_id.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Known:
    """What the log holds of everything that some calls ask about, at one moment.

    Args:
        commits: by command id.
        versions: of the streams that have events.
        checkpoints: of the subscriptions that have one.
        tried: hashes of commits that an earlier try to write the same calls may have put in. On a database without
            transactions over documents it can end in the middle.
    """

    tail: Tail
    commits: Mapping[str, KeptCommit]
    versions: Mapping[str, int]
    checkpoints: Mapping[str, int]
    tried: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The commit is in the log; `duplicate`: it was there already."""

    commit: KeptCommit
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call, commit by commit."""

    outcomes: Sequence[Recorded | ShopError]
    checkpoint_moved: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A commit with the bytes that its hash is made of."""

    commit: KeptCommit
    body: bytes

    @property
    def tail(self) -> Tail:
        """What the next commit has to follow."""
        return Tail(self.commit["position"], self.commit["hash"], self.commit["meta"]["at"])


@dataclass(frozen=True, slots=True)
class Plan:
    """The answers to some calls, and what has to be written to make them true, the checkpoints last.

    Args:
        answers: in the order of the calls; CheckpointMoved where nothing of a call may be written.
        links: new commits, in order.
        checkpoints: those that move.
    """

    answers: Sequence[Answer | CheckpointMoved]
    links: Sequence[Link]
    checkpoints: Mapping[str, int]


def plan(calls: Sequence[Call], known: Known, *, now: str, encode: Encode) -> Plan:
    """Decide the calls one after the other, each on the effects of those before it.

    Args:
        now: the time that new commits get, if it is not earlier than that of the commit before.

    Raises:
        ClockRefused: it is too far from the tail's time, and none of the calls repairs that.
    """
    proposals = [proposal for call in calls for proposal in call.proposals if isinstance(proposal, Proposal)]
    if proposals and not any(is_repair(proposal.events) for proposal in proposals):
        require_plausible(known.tail.at, now)
    planner = _Planner(known, now, encode)
    answers = [planner.answer(call) for call in calls]
    return Plan(answers, planner.links, planner.checkpoints)


class _Planner:
    """The log as it will be: what is known, under what the calls decided so far change."""

    def __init__(self, known: Known, now: str, encode: Encode) -> None:
        self.links: list[Link] = []
        self.checkpoints: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._commits: dict[str, KeptCommit] = {}
        self._known = known
        self._now = now
        self._encode = encode

    def answer(self, call: Call) -> Answer | CheckpointMoved:
        if call.move and (actual := self._checkpoint(call.move.name)) != call.move.old:
            return CheckpointMoved(call.move.name, call.move.old, actual)
        outcomes = self._decide_all(call.proposals)
        if call.move is None or any(isinstance(outcome, ShopError) for outcome in outcomes):
            return Answer(outcomes, checkpoint_moved=False)
        self.checkpoints[call.move.name] = call.move.new
        return Answer(outcomes, checkpoint_moved=True)

    def _decide_all(self, proposals: Iterable[Proposal | Malformed]) -> Sequence[Recorded | ShopError]:
        """Later commits were decided on the effects of earlier ones: they fail where an effect is missing."""
        outcomes: list[Recorded | ShopError] = []
        spoilt: frozenset[str] = frozenset()
        for proposal in proposals:
            outcome = self._decide(proposal, spoilt)
            outcomes.append(outcome)
            if isinstance(outcome, ShopError) or outcome.duplicate:
                spoilt |= proposal.written
        return outcomes

    def _decide(self, proposal: Proposal | Malformed, spoilt: frozenset[str]) -> Recorded | ShopError:
        """The command id comes first: a step that is done already answers with what it did, whatever came after."""
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
        """It answers as new to the first who proposes it, and as a duplicate to all others."""
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
    """The hash of a commit: SHA-256 over its canonical JSON, which names the hash before."""
    return sha256(body).hexdigest()


def fault_of(link: Link, before: Tail) -> str | None:
    """What is wrong with the commit that follows `before`; None when nothing is."""
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
