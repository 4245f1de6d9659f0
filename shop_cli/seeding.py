"""Fills a new log: the demo shop and the first manager.

The seed consists of the commits that the services themselves would make, decided by their own rules, under fixed
command ids. So seeding is idempotent: after an interrupted start, the next one continues.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from shop.contracts.actors import Actor
from shop.contracts.commits import Commit, RecordedEvent, events_of
from shop.contracts.decisions import Decide
from shop.contracts.errors import ShopError, WrongExpectedVersion
from shop.contracts.events import Role
from shop.contracts.names import Service
from shop.event_sourcing.decision_context import LogContext, NotRead, Overlay, Reads
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.stream_cache import StreamCache

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SeedStep:
    """One commit of the seed.

    Args:
        service: the service that the commit belongs to.
        decide: the service's own decision.
        needed: also in a log that is already in use, as long as the shop never had a manager.
    """

    command_id: str
    service: Service
    decide: Decide
    needed: bool = False


def seed(store: EventStoreClient, steps: Sequence[SeedStep]) -> None:
    """Write the steps to a new log, or the missing ones after an interrupted start.

    A log that has the last step stays as it is. Another log that is in use gets the needed steps only: a visitor who
    registers before the first manager is there must not keep the shop from having one.
    """
    if not steps:
        return
    _, head = store.head()
    found = store.find([step.command_id for step in steps])
    missing = [step for step in steps if found[step.command_id] is None]
    if head and steps[-1] not in missing:
        return
    if head and len(missing) == len(steps):
        missing = [step for step in steps if step.needed and not has_been_managed(store)]
    write(store, missing)


def has_been_managed(store: EventStoreClient) -> bool:
    """Whether the shop ever had a manager. Found early in the log: without a manager there are no products."""
    reached, head = 0, 1
    while reached < head:
        page = store.read_all(reached)
        if any(_makes_manager(recorded) for recorded in events_of(page.commits)):
            return True
        reached, head = page.commits[-1].position if page.commits else page.head, page.head
    return False


def _makes_manager(recorded: RecordedEvent) -> bool:
    return recorded.fields.get("role") == Role.MANAGER


def write(store: EventStoreClient, steps: Sequence[SeedStep]) -> None:
    """Write the steps, each decided on the state after those before it."""
    states = StreamCache()
    while steps:
        reads = Reads(store, states)
        decided = _decided(steps, reads)
        outcomes = store.append_many([commit for _, commit in decided]) if decided else ()
        for outcome in outcomes:
            if outcome.error and not isinstance(outcome.error, WrongExpectedVersion):
                raise outcome.error
        # A write conflict, or a step builds on one that was there already. Decide again on the present state.
        steps = [step for (step, _), outcome in zip(decided, outcomes, strict=True) if outcome.error]
        states.clear()


def _decided(steps: Sequence[SeedStep], reads: Reads) -> Sequence[tuple[SeedStep, Commit]]:
    """The steps' commits, each seeing those before it; steps with nothing to do are left out."""
    while True:
        overlay = Overlay(reads)
        decided = []
        for step in steps:
            context = _context(step, overlay)
            try:
                commit = step.decide(context)
            except NotRead:
                continue
            except ShopError as error:
                # A concurrent command has taken the name or removed the category.
                log.warning("left out of the demo", step=step.command_id, error=str(error))
                continue
            if commit:
                overlay.add(commit)
                decided.append((step, commit))
        if not overlay.wanted:
            return decided
        reads.fetch(overlay.wanted)


def _context(step: SeedStep, overlay: Overlay) -> LogContext:
    actor = str(Actor.load(None))
    return LogContext(
        overlay, service=step.service, actor=actor, correlation_id=step.command_id, command_id=step.command_id
    )
