"""Faults to be put into the code on purpose: a simulation that does not find them proves nothing."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from event_store_svc.domain import Malformed, Proposal, Recorded, _Planner
from shop.contracts.commits import Commit, Outcome
from shop.contracts.errors import ShopError
from shop.event_sourcing.decision_context import LogContext
from shop.event_sourcing.event_store import Checkpoint, EventStoreClient


@contextmanager
def without_the_version_check() -> Iterator[None]:
    """Commits are taken whatever became of the streams that they were decided on."""
    original = _Planner._decide

    def decide(self: _Planner, proposal: Any, spoilt: frozenset[str]) -> Recorded | ShopError:
        versions = {stream: self._version(stream) for stream in proposal.expects}
        blind = Proposal(proposal.command_id, proposal.fingerprint, proposal.events, versions, proposal.meta)
        return original(self, blind, frozenset())

    with patch.object(_Planner, "_decide", decide):
        yield


@contextmanager
def without_command_ids() -> Iterator[None]:
    """The log does not know a step that it has recorded before."""

    def original(self: _Planner, command_id: str) -> None:
        return None

    with patch.object(_Planner, "_original", original):
        yield


@contextmanager
def with_nothing_to_do_decided_on_a_stale_read() -> Iterator[None]:
    """A state in memory is good enough to say no."""
    with patch.object(LogContext, "want_fresh", lambda self: None):
        yield


@contextmanager
def with_the_checkpoint_moved_before_the_append() -> Iterator[None]:
    """Two calls instead of one."""
    append_many = EventStoreClient.append_many

    def in_two_steps(
        self: EventStoreClient, commits: Sequence[Commit], checkpoint: Checkpoint | None = None
    ) -> Sequence[Outcome]:
        append_many(self, [], checkpoint)
        return append_many(self, commits)

    with patch.object(EventStoreClient, "append_many", in_two_steps):
        yield


@contextmanager
def with_later_commits_kept_after_one_failed() -> Iterator[None]:
    """Every commit of a batch that fits is taken, though it was decided on the effects of a refused one."""

    def decide_all(self: _Planner, proposals: Iterable[Proposal | Malformed]) -> Sequence[Recorded | ShopError]:
        return [self._decide(proposal, frozenset()) for proposal in proposals]

    with patch.object(_Planner, "_decide_all", decide_all):
        yield


MUTATIONS = {
    mutation.__name__: mutation
    for mutation in (
        without_the_version_check,
        without_command_ids,
        with_nothing_to_do_decided_on_a_stale_read,
        with_the_checkpoint_moved_before_the_append,
        with_later_commits_kept_after_one_failed,
    )
}
