"""A service's cache in memory: streams at some version, and the latest events."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.events import Event

KEPT_STATES = 20_000
"""Streams whose state a service caches."""
BETWEEN_SNAPSHOTS = 1_000
"""Versions of a stream. Folding as many takes some tens of milliseconds, mostly to read the events."""
KEPT_CORRELATIONS = 1_000
"""Correlation ids whose events a service caches; enough for all sagas in progress."""


@dataclass(frozen=True)
class CachedStream:
    """A stream at a version; without a decider, its version alone.

    Args:
        anchor: the hash of the commit with its last event; empty if it is not recorded, or not known.
        kept: the version of the last stored snapshot.
    """

    version: int
    decider: Decider[Any] | None
    state: Any
    fault: Exception | None = None
    anchor: str = ""
    kept: int = 0

    def after(self, events: Sequence[Event | RecordedEvent], version: int, anchor: str = "") -> "CachedStream":
        """The stream after further events. An unreadable event becomes the state's `fault`, raised on its use."""
        if self.decider is None:
            return CachedStream(version, None, None)
        anchor = anchor if events else self.anchor
        try:
            plain = [event.event if isinstance(event, RecordedEvent) else event for event in events]
            return CachedStream(
                version, self.decider, self.decider.fold(plain, self.state), self.fault, anchor, self.kept
            )
        except Exception as fault:  # noqa: BLE001 - raised again when the state is loaded
            return CachedStream(version, self.decider, None, fault)

    @property
    def is_due(self) -> bool:
        """Whether a snapshot is due."""
        return bool(self.anchor) and not self.fault and self.version - self.kept >= BETWEEN_SNAPSHOTS


class StreamCache:
    """LRU cache of a service's streams."""

    def __init__(self, limit: int = KEPT_STATES) -> None:
        self._known: OrderedDict[str, CachedStream] = OrderedDict()
        self._limit = limit
        self._due: set[str] = set()
        self._passed: OrderedDict[str, list[RecordedEvent]] = OrderedDict()
        self._is_asked = False

    def get(self, stream: str) -> CachedStream | None:
        if stream in self._known:
            self._known.move_to_end(stream)
        return self._known.get(stream)

    def put(self, stream: str, known: CachedStream) -> None:
        """Cache a stream as read; an older version does not replace a newer one."""
        at_hand = self._known.get(stream)
        if at_hand is None or at_hand.decider is not known.decider or at_hand.version <= known.version:
            self._known[stream] = known
            if known.is_due:
                self._due.add(stream)
        self._known.move_to_end(stream)
        while len(self._known) > self._limit:
            self._known.popitem(last=False)

    def take_due(self) -> dict[str, CachedStream]:
        """The streams with a due snapshot; each is returned once, even if its snapshot is not stored."""
        due = {stream: known for stream in self._due if (known := self._known.get(stream)) and known.is_due}
        self._due.clear()
        self._known |= {stream: replace(known, kept=known.version) for stream, known in due.items()}
        return due

    def forget(self, streams: Iterable[str]) -> None:
        for stream in streams:
            self._known.pop(stream, None)

    def clear(self) -> None:
        self._known.clear()
        self._due.clear()
        self._passed.clear()

    def passed(self, commits: Iterable[RecordedCommit]) -> None:
        """Cache the events of commits that the service has passed, which are consecutive.

        Does nothing for a service that never reads them.
        """
        if not self._is_asked:
            return
        for commit in commits:
            self._passed.setdefault(commit.correlation_id, []).extend(commit.events)
            self._passed.move_to_end(commit.correlation_id)
            if len(self._passed) > KEPT_CORRELATIONS:
                self._passed.popitem(last=False)

    def passed_from_first(self, correlation_id: str) -> Sequence[RecordedEvent] | None:
        """Events of this correlation id that the service has passed; None unless the very first one is among them."""
        self._is_asked = True
        passed = self._passed.get(correlation_id, ())
        return passed if any(_is_first(event, correlation_id) for event in passed) else None

    def recorded(self, commit: RecordedCommit, decided_on: Mapping[str, CachedStream]) -> None:
        """Update the cached streams that this commit continues; evict those with a version conflict.

        Args:
            decided_on: the states that the commit was decided on.
        """
        for event in commit.events:
            known = self._known.get(event.stream) or decided_on.get(event.stream)
            if known is None:
                continue
            if known.version + 1 == event.version:
                self.put(event.stream, known.after([event], event.version, commit.hash))
            elif known.version < event.version:
                self.forget([event.stream])


def _is_first(event: RecordedEvent, correlation_id: str) -> bool:
    """Whether it began its correlation: a client's command, and the first event of the stream named after the id."""
    return event.version == 1 and not event.causation and event.stream.endswith(f"-{correlation_id}")
