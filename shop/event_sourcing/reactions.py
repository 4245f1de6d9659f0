"""Carries out a batch of reactions: decide all, record all in one call, and retry write conflicts.

The reactions of a batch run in log order, each seeing the commits of those before it. Their reads are batched into one
call per kind. Refused commits, and every "nothing to do" that may depend on one, are decided again on fresh states. So
a hundred orders for one product cost as many calls as one.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shop.contracts.commits import Commit, Outcome, RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.errors import WrongExpectedVersion
from shop.contracts.events import Event
from shop.event_sourcing.decision_context import LogContext, MissingReads, NotRead, Overlay, Reads
from shop.event_sourcing.event_store import Checkpoint, EventStoreClient
from shop.event_sourcing.snapshots import keep_due
from shop.event_sourcing.stream_cache import StreamCache
from shop.service.logs import message_handled

Handler = Callable[[Event, LogContext], Commit | None]


class ReactionFailed(Exception):
    """A reaction raised an exception of its own, on fresh states."""

    def __init__(self, job: "Job") -> None:
        self.job = job
        super().__init__(f"{job.name} at {job.recorded.position}")


@dataclass(frozen=True)
class Reaction:
    """A method of the service that reacts to events of some types with commits."""

    name: str
    types: frozenset[str]
    handler: Handler


@dataclass(frozen=True)
class Job:
    """An event for a reaction."""

    recorded: RecordedEvent
    name: str
    handler: Handler

    @property
    def key(self) -> tuple[int, str]:
        """Identity of the job, stable across restarts."""
        return self.recorded.position, self.name


@dataclass(frozen=True)
class Decision:
    """The result of a job; None: nothing to do."""

    job: Job
    commit: Commit | None
    context: LogContext


class Reactor:
    """Decides and records the reactions of one service.

    Args:
        service: its name, as recorded in commits.
        states: the service's cache of streams, shared with its commands.
    """

    def __init__(self, store: EventStoreClient, states: StreamCache, service: str) -> None:
        self._store = store
        self._states = states
        self._service = service

    def carry_out(self, jobs: Sequence[Job], checkpoint: Checkpoint | None = None) -> None:
        """Record the commits of these reactions, then move the checkpoint.

        Raises:
            ReactionFailed: one of them failed; some of the others may be recorded.
            CheckpointMoved: another process works on this subscription.
            ServiceUnavailable: the event store does not answer.
        """
        pending: Sequence[Job] = jobs
        reads = Reads(self._store, self._states)
        while pending or checkpoint:
            started = time.perf_counter()
            decisions = self._decide(pending, reads)
            made = [decision for decision in decisions if decision.commit]
            if not made and checkpoint is None:
                return
            outcomes = self._store.append_many([decision.commit for decision in made if decision.commit], checkpoint)
            outdated = self._remember(outcomes, made)
            keep_due(self._store, self._states)
            refused = {id(decision) for decision, outcome in zip(made, outcomes, strict=True) if outcome.error}
            standing, pending = _sorted_out(decisions, refused)
            self._tell(standing, started)
            if not pending:
                return
            reads = Reads(self._store, self._states)
            reads.fetch(MissingReads(streams=outdated))

    def _tell(self, decisions: Sequence[Decision], started: float) -> None:
        for decision in decisions:
            recorded = decision.job.recorded
            message_handled(
                recorded.type,
                started,
                outcome="recorded" if decision.commit else "nothing to do",
                service=self._service,
                reaction=decision.job.name,
                position=recorded.position,
                correlation_id=recorded.correlation_id,
            )

    def _remember(self, outcomes: Sequence[Outcome], made: Sequence[Decision]) -> dict[str, Decider[Any] | None]:
        """Cache the states after the recorded commits. Returns the streams whose states were stale."""
        outdated: dict[str, Decider[Any] | None] = {}
        for decision, outcome in zip(made, outcomes, strict=True):
            if outcome.error and not isinstance(outcome.error, WrongExpectedVersion):
                raise ReactionFailed(decision.job) from outcome.error
            if outcome.commit and not outcome.commit.duplicate:
                self._states.recorded(outcome.commit, decision.context.known)
            else:
                outdated |= decision.context.streams
        return outdated

    def _decide(self, jobs: Sequence[Job], reads: Reads) -> Sequence[Decision]:
        """The decision of each job, with rounds of reading until nothing is missing."""
        while True:
            overlay = Overlay(reads)
            decisions = [self._decide_one(job, overlay) for job in jobs]
            if not overlay.wanted:
                return decisions
            reads.fetch(overlay.wanted)

    def _decide_one(self, job: Job, overlay: Overlay) -> Decision:
        context = self._context(job, overlay)
        try:
            commit = job.handler(job.recorded.event, context)
        except NotRead:
            return Decision(job, None, context)
        except Exception as error:
            context.want_fresh()
            if not overlay.wanted:
                raise ReactionFailed(job) from error
            return Decision(job, None, context)
        if commit is None:
            context.want_fresh()
        elif overlay.is_done(commit.command_id):
            return Decision(job, None, context)
        else:
            overlay.add(commit)
        return Decision(job, commit, context)

    def _context(self, job: Job, overlay: Overlay) -> LogContext:
        return LogContext(
            overlay,
            service=self._service,
            actor=f"service:{self._service}",
            correlation_id=job.recorded.correlation_id,
            cause=job.recorded,
        )


def _sorted_out(decisions: Sequence[Decision], refused: set[int]) -> tuple[Sequence[Decision], Sequence[Job]]:
    """The valid decisions, and the jobs to decide again.

    "Nothing to do" may have been decided on the effects of a commit that was then refused.
    """
    if not refused:
        return decisions, ()
    standing = [decision for decision in decisions if decision.commit and id(decision) not in refused]
    again = [decision.job for decision in decisions if not decision.commit or id(decision) in refused]
    return standing, again
