"""The event store as its clients see it: typed calls on the service `event_store`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shop.contracts import errors
from shop.contracts.commits import Commit, Outcome, RecordedCommit, RecordedEvent
from shop.service.failpoints import Point, failpoint


@dataclass(frozen=True)
class Page:
    """A stretch of the log: whole commits in order, and where the log ended when it was read."""

    log: str
    head: int
    commits: Sequence[RecordedCommit]


@dataclass(frozen=True)
class StreamEvents:
    """A stream's current version, and its events after the asked-for version; of many, the next ones.

    Args:
        reached: the version of the last of these events; `version` where there are no more.
        anchor: the hash of the commit that has the last of them.
    """

    version: int
    events: Sequence[RecordedEvent]
    reached: int
    anchor: str = ""

    @property
    def is_last(self) -> bool:
        """Whether nothing more is to be read."""
        return self.reached == self.version


@dataclass(frozen=True)
class Lease:
    """The answer to asking for a lease. `retrying`: correlation ids whose dead letters shall be tried again."""

    held: bool
    log: str
    head: int
    retrying: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Checkpoint:
    """A subscription that has handled everything up to `position`, moved to `reached` if it is still there."""

    name: str
    position: int
    reached: int


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """An event that a subscription set aside. `reaction` is the method that failed, or waits behind one that did."""

    position: int
    correlation_id: str
    reaction: str
    error: str
    attempts: int


class EventStoreClient:
    """Calls the event store. Every method raises ServiceUnavailable when it does not answer.

    Args:
        store: a `Peer` of the service `event_store`, or anything with its methods.
    """

    def __init__(self, store: Any) -> None:
        self._store = store

    def append(self, commit: Commit) -> RecordedCommit:
        """Record the commit. Raises: WrongExpectedVersion, CommandReused, CommitTooLarge, InvalidCommit."""
        failpoint(Point.BEFORE_APPEND, _types([commit]))
        answer = self._store.append(commit.dump())
        failpoint(Point.AFTER_APPEND, _types([commit]))
        return RecordedCommit.load(answer["commit"], duplicate=answer["duplicate"])

    def append_many(self, commits: Sequence[Commit], checkpoint: Checkpoint | None = None) -> Sequence[Outcome]:
        """Record each of them or say why not; move the checkpoint if none failed. Raises: CheckpointMoved."""
        triple = [checkpoint.name, checkpoint.position, checkpoint.reached] if checkpoint else None
        failpoint(Point.BEFORE_APPEND, _types(commits))
        answer = self._store.append_many([commit.dump() for commit in commits], checkpoint=triple)
        failpoint(Point.AFTER_APPEND, _types(commits))
        return [_outcome(outcome) for outcome in answer["outcomes"]]

    def read_streams(self, wanted: Mapping[str, int]) -> dict[str, StreamEvents]:
        """The streams' events after these versions, however many calls it takes."""
        found: dict[str, StreamEvents] = {}
        events: dict[str, list[RecordedEvent]] = {stream: [] for stream in wanted}
        remaining = dict(wanted)
        while remaining:
            page = self.read_page(remaining)
            for stream, part in page.items():
                events[stream] += part.events
            found |= page
            remaining = {stream: part.reached for stream, part in page.items() if not part.is_last}
        return {stream: replace(part, events=events[stream]) for stream, part in found.items()}

    def read_page(self, wanted: Mapping[str, int]) -> dict[str, StreamEvents]:
        """The same, as much as fits one answer."""
        answer = self._store.read_streams([[stream, after] for stream, after in wanted.items()])["streams"]
        return {stream: _stream_events(part) for stream, part in answer.items()}

    def read_snapshots(self, wanted: Sequence[tuple[str, str, int]]) -> dict[str, dict[str, Any] | None]:
        """The latest snapshots of streams, by their form and up to a version."""
        found: dict[str, dict[str, Any] | None] = self._store.read_snapshots(wanted) if wanted else {}
        return found

    def keep_snapshots(self, snapshots: Sequence[Mapping[str, Any]]) -> None:
        """Have these found by others."""
        self._store.keep_snapshots(snapshots)

    def list_snapshots(self) -> Iterator[dict[str, Any]]:
        """All of them."""
        after: Sequence[Any] | None = ("", 0)
        while after:
            listed = self._store.list_snapshots(after)
            yield from listed["snapshots"]
            after = listed["next"]

    def read_all(self, after: int, limit: int = 200) -> Page:
        """The log after a position, as much as fits one answer."""
        return load_page(self._store.read_all(after, limit))

    def read_correlations(self, ids: Iterable[str]) -> dict[str, Sequence[RecordedEvent]]:
        """Everything that happened for each of these correlation ids, in log order."""
        found: dict[str, Sequence[RecordedEvent]] = {}
        remaining = list(ids)
        while remaining:
            answer = self._store.read_correlations(remaining)
            for correlation_id, events in answer["correlations"].items():
                found[correlation_id] = [_event(event) for event in events]
            remaining = answer["next"]
        return found

    def find(self, command_ids: Sequence[str]) -> dict[str, RecordedCommit | None]:
        """The commits with these command ids; None where there is none."""
        answer = self._store.find(list(command_ids))
        return {known: RecordedCommit.load(commit) if commit else None for known, commit in answer.items()}

    def head(self) -> tuple[str, int]:
        """The log's id, and the position of its last commit."""
        answer = self._store.head()
        return answer["log"], answer["head"]

    def lease(self, name: str, holder: str, seconds: float) -> Lease:
        """Ask for, or keep, the right to be the active one."""
        answer = self._store.lease(name, holder, seconds)
        return Lease(answer["held"], answer["log"], answer["head"], tuple(answer["retrying"]))

    def release_lease(self, name: str, holder: str) -> None:
        """Let another one be active at once."""
        self._store.release_lease(name, holder)

    def checkpoint(self, name: str) -> int:
        """How far the subscription has come; 0 before its first event."""
        position: int = self._store.checkpoint(name)["position"]
        return position

    def set_aside(self, subscription: str, letters: Sequence[DeadLetter]) -> None:
        """Keep these events for a later retry."""
        self._store.set_aside(subscription, [vars(letter) for letter in letters])

    def dead_letters(self, subscription: str) -> Sequence[DeadLetter]:
        """The subscription's events that were set aside, by position."""
        names = DeadLetter.__dataclass_fields__
        return [
            DeadLetter(**{name: letter[name] for name in names}) for letter in self._store.dead_letters(subscription)
        ]

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        """Drop the dead letters of this correlation id up to this position: they are handled now."""
        self._store.settle(subscription, correlation_id, position)

    def read_credentials(self, username: str) -> dict[str, Any] | None:
        """The user's last PasswordSet, as wire data."""
        credentials: dict[str, Any] | None = self._store.read_credentials(username)
        return credentials


def load_page(wire: Mapping[str, Any]) -> Page:
    """A `committed` message, or an answer of `read_all`."""
    return Page(wire["log"], wire["head"], [RecordedCommit.load(commit) for commit in wire["commits"]])


def _types(commits: Iterable[Commit]) -> Iterator[str]:
    return (type(event).__name__ for commit in commits for event in commit.events)


def _stream_events(wire: Mapping[str, Any]) -> StreamEvents:
    events, version = [_event(event) for event in wire["events"]], wire["version"]
    return StreamEvents(version, events, version if wire["next"] is None else wire["next"], wire.get("anchor", ""))


def _event(wire: dict[str, Any]) -> RecordedEvent:
    return RecordedEvent(
        position=wire["position"],
        stream=wire["stream"],
        version=wire["version"],
        type=wire["type"],
        fields=wire["data"],
        at=wire["at"],
        correlation_id=wire["correlation_id"],
        causation=wire["causation"],
        actor=wire["actor"],
        service=wire["service"],
    )


def _outcome(wire: dict[str, Any]) -> Outcome:
    if "error" in wire:
        return Outcome(error=getattr(errors, wire["error"]["type"])(*wire["error"]["args"]))
    return Outcome(commit=RecordedCommit.load(wire["commit"], duplicate=wire["duplicate"]))
