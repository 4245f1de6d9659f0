"""A service that follows a log in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet

from shop.contracts.commits import RecordedEvent
from shop.contracts.events import OrderPlaced
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.projector import Projection, Projector
from shop.event_sourcing.reactions import Reaction
from shop.event_sourcing.runner import Chore, Runner
from shop.service.greenlets import EVENTLET, Greenlets
from tests.support.waiting import wait_until
from tests.unit.support.counters import reserve
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.read_model_in_memory import ReadModelInMemory


def show(recorded: RecordedEvent, rows: Any) -> None:
    rows.append(recorded.type)


class Following:
    """A service with one reaction and one projection."""

    def __init__(
        self,
        log: LogInMemory,
        model: ReadModelInMemory | None = None,
        *,
        reaction: Any = reserve,
        apply: Any = show,
        chores: tuple[Chore, ...] = (),
        greenlets: Greenlets = EVENTLET,
    ) -> None:
        self.log = log
        self.model = model or ReadModelInMemory()
        store = EventStoreClient(log)
        types = frozenset({"StockAdjusted", "UnitsReserved", "OrderPlaced"})
        self.projector = Projector("products", store, self.model, [Projection("show", types, apply)], greenlets)
        self.runner = Runner(service="products", holder="here", store=store, greenlets=greenlets)
        self.runner.serve(
            reactions=[Reaction("reserve", frozenset({OrderPlaced.__name__}), reaction)],
            projector=self.projector,
            chores=chores,
        )

    def message(self, after: int) -> None:
        """Deliver a `committed` message with everything after a position."""
        self.runner.notify({**self.log.read_all(after), "after": after})


@contextmanager
def following(log: LogInMemory, model: ReadModelInMemory | None = None, **options: Any) -> Iterator[Following]:
    """One that runs."""
    service = Following(log, model, **options)
    greenlet = eventlet.spawn(service.runner.run)
    try:
        wait_until(lambda: service.runner.active, "the lease")
        yield service
    except BaseException:
        greenlet.kill()  # it may wait for what a test that fails does not do any more
        raise
    service.runner.stop()
    greenlet.wait()
