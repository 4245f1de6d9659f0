"""Decisions: functions of a `DecisionContext` that return a commit, or None where there is nothing to do. Pure.

A step of the saga is a reaction, `@reacts_to(OrderPlaced)` on a method of a service: its event and the context are all
that it decides on, so it may run several times.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from shop.contracts.commits import Commit, RecordedCommit, RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.events import Event

S = TypeVar("S")
K = TypeVar("K")
F = TypeVar("F", bound=Callable[..., Any])

REACTS_TO = "reacts_to"
"""The attribute of a reaction that names the types of its events."""


class DecisionContext(Protocol):
    """The context of a decision, whose commit expects the version of every stream that it has read."""

    @property
    def cause(self) -> RecordedEvent | None:
        """In a reaction, the event reacted to; None in a client's command."""

    @property
    def command_id(self) -> str:
        """In a client's command, the id of its commit."""
        ...

    def load(self, decider: Decider[S], key: object) -> S:
        """The state of a stream."""
        ...

    def load_new(self, decider: Decider[S], key: object) -> S:
        """The state of a stream that this commit probably begins: assumed empty; if not, the log refuses the commit."""
        ...

    def load_many(self, decider: Decider[S], keys: Iterable[K]) -> dict[K, S]:
        """Several states, read together."""
        ...

    def version(self, stream: str) -> int:
        """The version of a stream whose state does not matter."""
        ...

    def correlated(self, correlation_id: object) -> Sequence[RecordedEvent]:
        """All events of a correlation id, in log order, but for those of commits that are being decided now."""
        ...

    def find(self, command_id: str) -> Commit | RecordedCommit | None:
        """The commit with this command id; None where there is none."""

    def commit(self, events: Sequence[Event], once: str, correlation_id: object = None) -> Commit | None:
        """The decision as a commit under the command id `once`; None where there are no events."""


Decide = Callable[[DecisionContext], Commit | None]
"""A decision."""


def reacts_to(*events: type[Event]) -> Callable[[F], F]:
    """Declare a method to be a reaction to these events: `def reserve_stock(self, placed, context) -> Commit | None`.

    It has to be a pure function of its event and the context.
    """

    def declare(method: F) -> F:
        setattr(method, REACTS_TO, frozenset(event.__name__ for event in events))
        return method

    return declare
