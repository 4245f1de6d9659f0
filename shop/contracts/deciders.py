"""Interface of an aggregate's rules: a state, and its change by events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shop.contracts.errors import EditConflict
from shop.contracts.events import Event

S = TypeVar("S")


@dataclass(frozen=True)
class Decider(Generic[S]):
    """Folds the events of one kind of stream into a state.

    The decisions themselves are functions `decide(state, command) -> list[Event]` in each service's `domain.py` (J.
    Chassaing, "Functional Event Sourcing Decider", 2021).

    Args:
        stream: the name of the stream, from the aggregate's key (a username, an id, a year).
        initial: the state before the first event.
        evolve: the state after an event; unknown events leave it as it is.
    """

    stream: Callable[[Any], str]
    initial: S
    evolve: Callable[[S, Event], S]

    def fold(self, events: Iterable[Event], state: S | None = None) -> S:
        """The state after all these events, in order."""
        current = self.initial if state is None else state
        for event in events:
            current = self.evolve(current, event)
        return current


def require_version(found: int, wanted: int | None) -> None:
    """Edits may name their expected version. Raises: EditConflict, if the present one differs."""
    if wanted is not None and wanted != found:
        raise EditConflict
