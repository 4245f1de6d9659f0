"""Client of the event store: typed calls of the service `event_store`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from shop.contracts import errors
from shop.contracts.api import EventStoreApi
from shop.contracts.commits import Commit, Outcome, RecordedCommit, RecordedEvent
from shop.contracts.wire import (
    Appended,
    Committed,
    DatedSnapshot,
    KeptLetter,
    Letter,
    NotAppended,
    SeenEvent,
    SnapshotWire,
    StreamPart,
)
from shop.service.failpoints import Point, failpoint


@dataclass(frozen=True)
class PageOfLog:
    """A page of the log: whole commits in order, and the log's head when it was read."""

    log: str
    head: int
    commits: Sequence[RecordedCommit]


@dataclass(frozen=True)
class StreamEvents:
    """A stream's current version, and its events after the requested version; of many, the next ones.

    Args:
        reached: the version of the last of these events; `version` if there are no more.
        anchor: the hash of the last one's commit.
    """

    version: int
    events: Sequence[RecordedEvent]
    reached: int
    anchor: str = ""

    @property
    def is_last(self) -> bool:
        """Whether these are the stream's last events."""
        return self.reached == self.version


@dataclass(frozen=True)
class Lease:
    """The present lease. `retrying`: correlation ids whose dead letters are to be retried."""

    held: bool
    log: str
    head: int
    retrying: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Checkpoint:
    """A move of a subscription's checkpoint from `position` to `reached`, by compare-and-set."""

    name: str
    position: int
    reached: int


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A dead letter. `reaction` is the method that failed, or waits behind a failed event."""

    position: int
    correlation_id: str
    reaction: str
    error: str
    attempts: int

    def dump(self) -> Letter:
        return {
            "position": self.position,
            "correlation_id": self.correlation_id,
            "reaction": self.reaction,
            "error": self.error,
            "attempts": self.attempts,
        }

    @classmethod
    def load(cls, wire: KeptLetter) -> Self:
        return cls(
            position=wire["position"],
            correlation_id=wire["correlation_id"],
            reaction=wire["reaction"],
            error=wire["error"],
            attempts=wire["attempts"],
        )


class EventStoreClient:
    """Calls the event store. Every method raises ServiceUnavailable without an answer.

    Args:
        store: a `Peer` of the service `event_store`, or an object with its methods.
    """

    def __init__(self, store: EventStoreApi) -> None:
        self._store = store

    def append(self, commit: Commit) -> RecordedCommit:
        """Record the commit. Raises: WrongExpectedVersion, CommandReused, CommitTooLarge, InvalidCommit."""
        failpoint(Point.BEFORE_APPEND, _types([commit]))
        answer = self._store.append(commit.dump())
        failpoint(Point.AFTER_APPEND, _types([commit]))
        return RecordedCommit.load(answer["commit"], duplicate=answer["duplicate"])

    def append_many(self, commits: Sequence[Commit], checkpoint: Checkpoint | None = None) -> Sequence[Outcome]:
        """An outcome for each commit: recorded, or the error. The checkpoint moves if none failed.

        Raises: CheckpointMoved.
        """
        triple = [checkpoint.name, checkpoint.position, checkpoint.reached] if checkpoint else None
        failpoint(Point.BEFORE_APPEND, _types(commits))
        answer = self._store.append_many([commit.dump() for commit in commits], checkpoint=triple)
        failpoint(Point.AFTER_APPEND, _types(commits))
        return [_outcome(outcome) for outcome in answer["outcomes"]]

    def read_streams(self, wanted: Mapping[str, int]) -> dict[str, StreamEvents]:
        """The streams' events after these versions, in as many calls as needed."""
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
        """The same, in one call, as far as one answer reaches."""
        answer = self._store.read_streams([*wanted.items()])["streams"]
        return {stream: _stream_events(part) for stream, part in answer.items()}

    def read_snapshots(self, wanted: Sequence[tuple[str, str, int]]) -> dict[str, DatedSnapshot | None]:
        """The latest snapshots of streams, by their form and up to a version."""
        return self._store.read_snapshots(wanted) if wanted else {}

    def keep_snapshots(self, snapshots: Sequence[SnapshotWire]) -> None:
        """Store snapshots."""
        self._store.keep_snapshots(snapshots)

    def list_snapshots(self) -> Iterator[SnapshotWire]:
        """All snapshots."""
        after: tuple[str, int] | None = ("", 0)
        while after:
            listed = self._store.list_snapshots(after)
            yield from listed["snapshots"]
            after = listed["next"]

    def read_all(self, after: int, limit: int = 200) -> PageOfLog:
        """The log after a position, as far as one answer reaches."""
        return load_page(self._store.read_all(after, limit))

    def read_correlations(self, ids: Iterable[str]) -> dict[str, Sequence[RecordedEvent]]:
        """Everything that happened for each of these correlation ids, in log order."""
        found: dict[str, Sequence[RecordedEvent]] = {}
        remaining: Sequence[str] = list(ids)
        while remaining:
            answer = self._store.read_correlations(remaining)
            for correlation_id, events in answer["correlations"].items():
                found[correlation_id] = [_event(event) for event in events]
            remaining = answer["next"]
        return found

    def find(self, command_ids: Sequence[str]) -> dict[str, RecordedCommit | None]:
        """Commits by command id; None for unknown ids."""
        answer = self._store.find(list(command_ids))
        return {known: RecordedCommit.load(commit) if commit else None for known, commit in answer.items()}

    def head(self) -> tuple[str, int]:
        """The log's id, and the position of its last commit."""
        answer = self._store.head()
        return answer["log"], answer["head"]

    def lease(self, name: str, holder: str, seconds: float) -> Lease:
        """Acquire or renew the lease of the leader."""
        answer = self._store.lease(name, holder, seconds)
        return Lease(answer["held"], answer["log"], answer["head"], tuple(answer["retrying"]))

    def release_lease(self, name: str, holder: str) -> None:
        """Release the lease, so that a standby takes over at once."""
        self._store.release_lease(name, holder)

    def checkpoint(self, name: str) -> int:
        """The subscription's checkpoint; 0 at the beginning."""
        return self._store.checkpoint(name)["position"]

    def set_aside(self, subscription: str, letters: Sequence[DeadLetter]) -> None:
        """Store dead letters."""
        self._store.set_aside(subscription, [letter.dump() for letter in letters])

    def dead_letters(self, subscription: str) -> Sequence[DeadLetter]:
        """The subscription's dead letters, by position."""
        return [DeadLetter.load(letter) for letter in self._store.dead_letters(subscription)]

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        """Delete the dead letters of this correlation id up to this position, after they are handled."""
        self._store.settle(subscription, correlation_id, position)

    def read_credentials(self, username: str) -> dict[str, Any] | None:
        """The user's last PasswordSet, as wire data."""
        return self._store.read_credentials(username)


def load_page(wire: Committed) -> PageOfLog:
    """A page from a `committed` message or from an answer of `read_all`."""
    return PageOfLog(wire["log"], wire["head"], [RecordedCommit.load(commit) for commit in wire["commits"]])


def _types(commits: Iterable[Commit]) -> Iterator[str]:
    return (type(event).__name__ for commit in commits for event in commit.events)


def _stream_events(wire: StreamPart) -> StreamEvents:
    events, version = [_event(event) for event in wire["events"]], wire["version"]
    return StreamEvents(version, events, version if wire["next"] is None else wire["next"], wire.get("anchor", ""))


def _event(wire: SeenEvent) -> RecordedEvent:
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


def _outcome(wire: Appended | NotAppended) -> Outcome:
    if "error" in wire:
        return Outcome(error=getattr(errors, wire["error"]["type"])(*wire["error"]["args"]))
    return Outcome(commit=RecordedCommit.load(wire["commit"], duplicate=wire["duplicate"]))
