"""The log as a service's dependency: carries out clients' commands and queries of the past.

A command loads states, decides, appends, and retries on a write conflict (optimistic concurrency). It returns when the
read model shows its commit (or after a second at the latest), so that callers read their own writes.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

import orjson
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts import deadlines
from shop.contracts.actors import Actor
from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.decisions import Decide
from shop.contracts.errors import CommandReused, ServiceUnavailable, ShopError, WrongExpectedVersion
from shop.event_sourcing.decision_context import VERSION_ONLY, LogContext, MissingReads, NotRead, Overlay, Reads
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.runner import Runner
from shop.event_sourcing.snapshots import LongStream
from shop.event_sourcing.stream_cache import CachedStream
from shop.event_sourcing.subscription import Subscription
from shop.service.background import is_background
from shop.service.identity import ACTOR, TRACE_ID

S = TypeVar("S")

TRIES = 100
"""Limit of attempts of a command after write conflicts."""

SECONDS_TO_SHOW = deadlines.READ_YOUR_WRITES
"""For which a command waits at most until the read model shows its commit."""
SECONDS_TO_CATCH_UP = deadlines.CATCH_UP
"""For which a query waits at most until the read model shows the whole log."""


class EventLog(DependencyProvider):
    """Dependency provider of the service's `Log`: `log = EventLog()`."""

    subscription = Subscription()

    def get_dependency(self, worker_ctx: WorkerContext) -> "Log":
        return Log(
            store=self.subscription.event_store(worker_ctx),
            runner=self.subscription.runner,
            service=self.container.service_name,
            actor=Actor.load(worker_ctx.data.get(ACTOR)),
            correlation_id=worker_ctx.data.get(TRACE_ID) or uuid4().hex,
            deadline=self._deadline_of(worker_ctx),
        )

    def _deadline_of(self, worker_ctx: WorkerContext) -> float:
        if is_background(worker_ctx):
            return math.inf
        # Counted from the arrival: clocks of two machines may differ by more than the timeout.
        return self.subscription.runner.monotonic() + self.subscription.calls.seconds


@dataclass(frozen=True)
class Done:
    """A command carried out. `commit` is None for a command without events."""

    commit: RecordedCommit | None
    states: Mapping[str, CachedStream]

    @property
    def recorded(self) -> RecordedCommit:
        """The commit of a command that always has events. Raises: LookupError."""
        if self.commit is None:
            raise LookupError("nothing was recorded")
        return self.commit

    def state(self, decider: Decider[S], key: object) -> S:
        """The state of a stream that the decision loaded, after the command."""
        state: S = self.states[decider.stream(key)].state
        return state


class Log:
    """The log, for one caller.

    Args:
        deadline: end of the caller's timeout, in the runner's monotonic seconds. Nothing is decided after it: a retry
            may have been refused meanwhile, and its refusal must remain valid.
    """

    def __init__(
        self,
        *,
        store: EventStoreClient,
        runner: Runner,
        service: str,
        actor: Actor,
        correlation_id: str,
        deadline: float = math.inf,
    ) -> None:
        self._store = store
        self._runner = runner
        self._service = service
        self._actor = actor
        self._correlation_id = correlation_id
        self._deadline = deadline

    def execute(
        self,
        decision: Decide,
        *,
        key: str | None = None,
        method: str = "",
        request: Mapping[str, Any] | None = None,
        once: str | None = None,
    ) -> Done:
        """Carry out a client's command.

        Args:
            decision: makes the commit, with `once=context.command_id`; retried on write conflicts.
            key: the client's Idempotency-Key, if any; then `method` and `request` identify the request.
            once: the command id, if not derived from the key.

        Raises:
            CommandReused: the key was used for another request.
            ServiceUnavailable: the event store does not answer, and the command may still have been recorded; or the
                caller's timeout has passed.
            ShopError: as raised by the decision, on fresh states.
        """
        command_id = once or (f"client:{self._actor.username}:{method}:{key}" if key else f"client:{uuid4()}")
        fingerprint = fingerprint_of(method, request or {}) if key or once else None
        done = self._carry_out(decision, command_id, fingerprint, known_before=bool(key or once))
        if done.commit:
            self._runner.wait_for(done.commit.position, SECONDS_TO_SHOW)
        return done

    def catch_up(self) -> None:
        """Wait until the read model has caught up with the log's present head.

        Raises:
            ServiceUnavailable: it did not in time, so a missing row may still appear.
        """
        _, head = self._store.head()
        if not self._runner.wait_for(head, SECONDS_TO_CATCH_UP):
            raise ServiceUnavailable(self._service)

    def correlated(self, correlation_id: object) -> Sequence[RecordedEvent]:
        """All recorded events of this correlation id, in log order."""
        return self._store.read_correlations([str(correlation_id)]).get(str(correlation_id), ())

    def version(self, stream: str) -> int:
        """Number of the stream's events."""
        return self._store.read_page({stream: VERSION_ONLY})[stream].version

    def stream(self, stream: str, decider: Decider[Any]) -> LongStream:
        """The stream, to be folded at any length."""
        return LongStream(self._store, stream, decider)

    def find(self, command_id: str) -> RecordedCommit | None:
        """The commit with this command id; None without one."""
        return self._store.find([command_id])[command_id]

    def credentials(self, username: str) -> dict[str, Any] | None:
        """The user's last PasswordSet, as wire data. For the customer service alone."""
        return self._store.read_credentials(username)

    def _carry_out(self, decision: Decide, command_id: str, fingerprint: str | None, *, known_before: bool) -> Done:
        """Retry on a version conflict (optimistic concurrency).

        After a conflict, queue per stream: n concurrent commands then take n tries, instead of starving.
        """
        reads = Reads(self._store, self._runner.states)
        with ExitStack() as turn:
            for _ in range(TRIES):
                if self._runner.monotonic() > self._deadline:
                    break
                context = self._context(Overlay(reads), command_id, fingerprint)
                try:
                    return self._try(decision, context, reads, known_before=known_before)
                except NotRead:
                    reads.fetch(context.wanted)
                except WrongExpectedVersion as overtaken:
                    turn.close()
                    turn.enter_context(self._runner.turns.at(overtaken.stream))
                    reads = Reads(self._store, self._runner.states)
                    reads.fetch(MissingReads(streams=context.streams))
        raise ServiceUnavailable(self._service)

    def _context(self, overlay: Overlay, command_id: str, fingerprint: str | None) -> LogContext:
        return LogContext(
            overlay,
            service=self._service,
            actor=str(self._actor),
            correlation_id=self._correlation_id,
            command_id=command_id,
            fingerprint=fingerprint,
        )

    def _try(self, decision: Decide, context: LogContext, reads: Reads, known_before: bool) -> Done:
        refusal: ShopError | None = None
        commit = None
        try:
            commit = decision(context)
        except ShopError as error:
            refusal = error
        if commit is not None:
            return self._recorded(self._store.append(commit), context, reads)
        context.want_fresh()
        if context.wanted:
            raise NotRead
        # A refusal may be caused by an earlier attempt of the same command.
        earlier = self.find(context.command_id) if known_before else None
        if earlier is not None:
            return self._recorded(_same_request(earlier, context.fingerprint), context, reads)
        if refusal is not None:
            raise refusal
        return Done(None, context.known)

    def _recorded(self, commit: RecordedCommit, context: LogContext, reads: Reads) -> Done:
        if commit.duplicate:
            reads.fetch(MissingReads(streams=context.streams))
        self._runner.states.recorded(commit, context.known)
        return Done(
            commit, {stream: self._state_after(commit, stream, known) for stream, known in context.known.items()}
        )

    def _state_after(self, commit: RecordedCommit, stream: str, before: CachedStream) -> CachedStream:
        events = [event for event in commit.events if event.stream == stream]
        return self._runner.states.get(stream) or before.after(events, before.version + len(events))


def fingerprint_of(method: str, request: Mapping[str, Any]) -> str:
    """A hash of the request, equal for equal requests."""
    return hashlib.sha256(orjson.dumps([method, request], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _same_request(earlier: RecordedCommit, fingerprint: str | None) -> RecordedCommit:
    if earlier.fingerprint != fingerprint:
        raise CommandReused
    return replace(earlier, duplicate=True)
