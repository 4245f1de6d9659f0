"""What a service keeps in memory: streams that it has read, each as it was at some version, and the latest events."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.events import Event

KEPT_STATES = 20_000
"""Streams whose state a service keeps in memory."""
BETWEEN_SNAPSHOTS = 1_000
"""Versions of a stream. To fold as many takes some tens of milliseconds, most of them to read the events."""
KEPT_CORRELATIONS = 1_000
"""Correlation ids whose events a service keeps; of a saga under way, all are among the latest."""


@dataclass(frozen=True)
class Known:
    """A stream as it was at a version; without decider, only its version matters.

    Args:
        anchor: the hash of the commit with its last event; empty where that is not recorded, or not known.
        kept: the last version of which a snapshot was kept.
    """

    version: int
    decider: Decider[Any] | None
    state: Any
    fault: Exception | None = None
    anchor: str = ""
    kept: int = 0

    def after(self, events: Sequence[Event | RecordedEvent], version: int, anchor: str = "") -> "Known":
        """The stream some events later. Events that cannot be read spoil the state, not the reader."""
        if self.decider is None:
            return Known(version, None, None)
        anchor = anchor if events else self.anchor
        try:
            plain = [event.event if isinstance(event, RecordedEvent) else event for event in events]
            return Known(version, self.decider, self.decider.fold(plain, self.state), self.fault, anchor, self.kept)
        except Exception as fault:  # noqa: BLE001 - raised again by whoever loads the state
            return Known(version, self.decider, None, fault)

    @property
    def is_due(self) -> bool:
        """Whether a snapshot of it is worth its while."""
        return bool(self.anchor) and not self.fault and self.version - self.kept >= BETWEEN_SNAPSHOTS


class States:
    """The streams a service has seen, most recently used last; the oldest fall out."""

    def __init__(self, limit: int = KEPT_STATES) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._limit = limit
        self._due: set[str] = set()
        self._passed: OrderedDict[str, list[RecordedEvent]] = OrderedDict()
        self._is_asked = False

    def get(self, stream: str) -> Known | None:
        if stream in self._known:
            self._known.move_to_end(stream)
        return self._known.get(stream)

    def put(self, stream: str, known: Known) -> None:
        """Keep the stream as it was read; an answer that was overtaken by a later one takes nothing back."""
        at_hand = self._known.get(stream)
        if at_hand is None or at_hand.decider is not known.decider or at_hand.version <= known.version:
            self._known[stream] = known
            if known.is_due:
                self._due.add(stream)
        self._known.move_to_end(stream)
        while len(self._known) > self._limit:
            self._known.popitem(last=False)

    def take_due(self) -> dict[str, Known]:
        """The streams of which a snapshot is due; they are told once, whatever comes of it."""
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
        """Keep the events of commits that the service passes; between them there is none that it has not passed.

        Nothing is kept for a service that never asks.
        """
        if not self._is_asked:
            return
        for commit in commits:
            self._passed.setdefault(commit.correlation_id, []).extend(commit.events)
            self._passed.move_to_end(commit.correlation_id)
            if len(self._passed) > KEPT_CORRELATIONS:
                self._passed.popitem(last=False)

    def seen(self, correlation_id: str) -> Sequence[RecordedEvent]:
        """The events of this correlation id that the service has passed since it asked first, in log order."""
        self._is_asked = True
        return self._passed.get(correlation_id, ())

    def recorded(self, commit: RecordedCommit, decided_on: Mapping[str, Known]) -> None:
        """Bring the streams that this commit continues up to date; forget those that it does not fit.

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
