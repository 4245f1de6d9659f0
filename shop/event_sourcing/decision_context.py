"""The context of a decision: the states it reads, and their versions, which its commit expects.

A decision is a function of a `DecisionContext`, implemented here as `LogContext`. A state that is not cached aborts the
function with `NotRead`; all missing states are read together, and the function runs again. So it must be free of side
effects.

Optimistic concurrency: cached states may be stale. A commit made on them is safe, since the log checks its `expects`; a
refusal, or "nothing to do", is not, and is decided again on fresh states.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shop.contracts.commits import Commit, RecordedCommit, RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.events import Event
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.snapshots import folded, keep_due
from shop.event_sourcing.stream_cache import CachedStream, StreamCache

S = TypeVar("S")
K = TypeVar("K")


class NotRead(Exception):
    """The decision needs a state that is not read yet; it is noted, and the decision will run again."""


@dataclass
class MissingReads:
    """States that decisions requested and that are missing, or possibly stale."""

    streams: dict[str, Decider[Any] | None] = field(default_factory=dict)
    correlations: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.streams or self.correlations or self.commands)


class Reads:
    """States read for one run of decisions, from the service's cache and from the event store."""

    def __init__(self, store: EventStoreClient, states: StreamCache) -> None:
        self._store = store
        self.states = states
        self.fresh: set[str] = set()
        self.correlations: dict[str, Sequence[RecordedEvent]] = {}
        self.commands: dict[str, RecordedCommit | None] = {}

    def fetch(self, wanted: MissingReads) -> None:
        """Read all wanted states, one call per kind; the streams are fresh afterwards."""
        if wanted.streams:
            self._fetch_streams(wanted.streams)
        if wanted.correlations:
            self.correlations |= self._store.read_correlations(sorted(wanted.correlations))
        if wanted.commands:
            self.commands |= self._store.find(sorted(wanted.commands))

    def _fetch_streams(self, wanted: dict[str, Decider[Any] | None]) -> None:
        """Cached after each page, so that an interrupted read of a long stream continues on the next try."""
        known = {stream: self._at_hand(stream, decider) for stream, decider in wanted.items()}
        for moved in folded(self._store, known):
            for stream, at_hand in moved.items():
                self.states.put(stream, at_hand)
            keep_due(self._store, self.states)
        self.fresh |= wanted.keys()

    def _at_hand(self, stream: str, decider: Decider[Any] | None) -> CachedStream:
        """The cached stream. If only its version is wanted, a cached state is kept."""
        known = self.states.get(stream)
        if known and known.decider and not known.fault and decider in (None, known.decider):
            return known
        return CachedStream(0, decider, decider.initial) if decider else CachedStream(VERSION_ONLY, None, None)


VERSION_ONLY = 2**53
"""Read after this version, a stream returns its version alone."""


class Overlay:
    """The reads, overlaid with the commits of this run so far."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self.wanted = MissingReads()
        self._pending: dict[str, CachedStream] = {}
        self._assumed: dict[str, CachedStream] = {}
        self._pending_commands: dict[str, Commit] = {}

    def known(self, stream: str, decider: Decider[Any] | None) -> CachedStream | None:
        known = self._at_hand(stream)
        if known is not None and (decider is None or known.decider is decider):
            return known
        self.wanted.streams[stream] = decider
        return None

    def assume_new(self, stream: str, decider: Decider[Any]) -> None:
        """Assume that an unknown stream has no events."""
        if self._at_hand(stream) is None:
            self._assumed[stream] = CachedStream(0, decider, decider.initial)

    def is_fresh(self, stream: str) -> bool:
        return stream in self.reads.fresh

    def want(self, streams: dict[str, Decider[Any] | None]) -> None:
        """Request these streams for the next attempt."""
        self.wanted.streams |= streams

    def want_commands(self, command_ids: set[str]) -> None:
        """Request a look-up of these commands for the next attempt, unless done already."""
        self.wanted.commands |= command_ids - self.reads.commands.keys()

    def pending_command(self, command_id: str) -> Commit | None:
        return self._pending_commands.get(command_id)

    def is_done(self, command_id: str) -> bool:
        """Whether this run has decided the command, or has found it in the log."""
        return command_id in self._pending_commands or self.reads.commands.get(command_id) is not None

    def add(self, commit: Commit) -> None:
        """Make the commit visible to later decisions of this run."""
        self._pending_commands[commit.command_id] = commit
        for stream in {event.stream for event in commit.events}:
            known = self._at_hand(stream)
            if known is not None:
                events = [event for event in commit.events if event.stream == stream]
                self._pending[stream] = known.after(events, known.version + len(events))

    def _at_hand(self, stream: str) -> CachedStream | None:
        return self._pending.get(stream) or self.reads.states.get(stream) or self._assumed.get(stream)


class LogContext:
    """The context of one decision.

    Attributes:
        cause: in a reaction, the event reacted to; None in a client's command.
        command_id: in a client's command, the id of its commit.
        fingerprint: in a client's command, the hash of the request.
        streams: streams requested so far.
        known: states given to the decision.
    """

    def __init__(
        self,
        overlay: Overlay,
        *,
        service: str,
        actor: str,
        correlation_id: str,
        cause: RecordedEvent | None = None,
        command_id: str = "",
        fingerprint: str | None = None,
    ) -> None:
        self._overlay = overlay
        self._service = service
        self._actor = actor
        self._correlation_id = correlation_id
        self.streams: dict[str, Decider[Any] | None] = {}
        self.known: dict[str, CachedStream] = {}
        self._assumed_commands: set[str] = set()
        self.fingerprint = fingerprint
        self.cause = cause
        self.command_id = command_id

    def load(self, decider: Decider[S], key: object) -> S:
        """The state of a stream; the commit will expect its version."""
        return self.load_many(decider, [key])[key]

    def load_new(self, decider: Decider[S], key: object) -> S:
        """The state of a stream that this commit most likely begins: assumed to be empty, without a read.

        If that is wrong, the commit is a write conflict, and the decision is made again on the real state.
        """
        self._overlay.assume_new(decider.stream(key), decider)
        return self.load(decider, key)

    def load_many(self, decider: Decider[S], keys: Iterable[K]) -> dict[K, S]:
        """Several states, read together."""
        found = {key: self._known(decider.stream(key), decider) for key in keys}
        if None in found.values():
            raise NotRead
        return {key: known.state for key, known in found.items() if known}

    def version(self, stream: str) -> int:
        """The version of a stream whose state is not needed; the commit will expect it."""
        known = self._known(stream, None)
        if known is None:
            raise NotRead
        return known.version

    def correlated(self, correlation_id: object) -> Sequence[RecordedEvent]:
        """All recorded events of this correlation id, in log order, without those of this run.

        A process that has passed the first of these events has passed all that precede the cause, so it need not read
        the log. Otherwise each reservation result would cost a call.
        """
        passed = self._overlay.reads.states.passed_from_first(str(correlation_id)) if self.cause else None
        if passed is not None:
            return passed
        try:
            return self._overlay.reads.correlations[str(correlation_id)]
        except KeyError:
            self._overlay.wanted.correlations.add(str(correlation_id))
            raise NotRead from None

    def find(self, command_id: str) -> Commit | RecordedCommit | None:
        """The commit with this command id, recorded or decided in this run; None without one.

        A decision that depends on a commit of this run is valid only with it: a commit expects its streams, and a
        decision to write nothing is made again after a look-up of the command in the log.
        """
        pending = self._overlay.pending_command(command_id)
        if pending is not None and not self._overlay.reads.commands.get(command_id):
            self._assumed_commands.add(command_id)
            for event in pending.events:
                self.version(event.stream)
            return pending
        try:
            return self._overlay.reads.commands[command_id]
        except KeyError:
            self._overlay.wanted.commands.add(command_id)
            raise NotRead from None

    def commit(self, events: Sequence[Event], once: str, correlation_id: object = None) -> Commit | None:
        """The decision as an idempotent commit; None for no events."""
        if not events:
            return None
        return Commit(
            command_id=once,
            events=tuple(events),
            expects={stream: known.version for stream, known in self.known.items()},
            correlation_id=str(correlation_id or self._correlation_id),
            causation=self.cause.position if self.cause else 0,
            actor=self._actor,
            service=self._service,
            fingerprint=self.fingerprint,
        )

    @property
    def wanted(self) -> MissingReads:
        """States requested and missing in this run."""
        return self._overlay.wanted

    def want_fresh(self) -> None:
        """Request fresh reads of all states that the decision took from the cache."""
        streams = self.streams.items()
        self._overlay.want({stream: decider for stream, decider in streams if not self._overlay.is_fresh(stream)})
        self._overlay.want_commands(self._assumed_commands)

    def _known(self, stream: str, decider: Decider[Any] | None) -> CachedStream | None:
        if self.streams.get(stream) is None:
            self.streams[stream] = decider
        known = self._overlay.known(stream, self.streams[stream])
        if known is None:
            return None
        if known.fault:
            raise known.fault
        self.known[stream] = known
        return known
