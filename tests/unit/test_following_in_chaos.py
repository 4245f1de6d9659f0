"""Two processes of a service follow a log that fails, answers late and gives both of them the lease."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import eventlet
import pytest

from shop.chassis.event_store import EventStoreClient
from shop.chassis.projector import Projection, Projector
from shop.chassis.runner import Reaction, Runner
from shop.contracts.errors import ServiceUnavailable
from tests.unit.counters import PRODUCT, STOCK, cancelled, placed, record, release, reserve, stock, stocked
from tests.unit.log_in_memory import LogInMemory
from tests.unit.read_model_in_memory import ReadModelInMemory
from tests.unit.test_runner import eventually, show

ORDERS = 60
SHOWN = ("StockAdjusted", "UnitsReserved", "UnitsReleased", "OrderPlaced", "OrderCancelled")


class Unreliable:
    """The way to the event store: calls take time; some are lost before they are carried out, some after."""

    def __init__(self, log: LogInMemory, chance: random.Random) -> None:
        self._log = log
        self._chance = chance
        self.calm = False

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._call(getattr(self._log, method), *args, **kwargs)

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self.calm:
            eventlet.sleep(self._chance.uniform(0, 0.003))
            if self._chance.random() < 0.02:
                raise ServiceUnavailable("event_store")
        answer = method(*args, **kwargs)
        if not self.calm:
            eventlet.sleep(self._chance.uniform(0, 0.003))
            if self._chance.random() < 0.02:
                raise ServiceUnavailable("event_store")
        return answer


class Replica:
    """One process of the service; its read model is in the database that they share."""

    def __init__(self, log: LogInMemory, model: ReadModelInMemory, chance: random.Random) -> None:
        self.way = Unreliable(log, chance)
        store = EventStoreClient(self.way)
        self.projector = Projector("products", store, model, [Projection("show", frozenset(SHOWN), show)])
        self.runner = Runner(service="products", holder=str(id(self)), store=store)
        self.runner.serve(
            reactions=[
                Reaction("reserve", frozenset({"OrderPlaced"}), reserve),
                Reaction("release", frozenset({"OrderCancelled"}), release),
            ],
            projector=self.projector,
        )


@contextmanager
def running(replicas: list[Replica]) -> Iterator[None]:
    greenlets = [eventlet.spawn(replica.runner.run) for replica in replicas]
    try:
        yield
    finally:
        for replica in replicas:
            replica.runner.stop()
        for greenlet in greenlets:
            greenlet.wait()


def trade(log: LogInMemory, replicas: list[Replica], chance: random.Random) -> set[UUID]:
    """Orders come and some are cancelled; of the messages about it some are lost, some come twice or late.

    Returns the orders that stand.
    """
    standing: list[UUID] = []
    for _ in range(ORDERS):
        before = len(log.commits)
        event = placed()
        record(log, event, correlation_id=str(event.order_id))
        standing.append(event.order_id)
        if chance.random() < 0.4:
            order_id = standing.pop(chance.randrange(len(standing)))
            record(log, cancelled(order_id), correlation_id=str(order_id))
        if chance.random() < 0.2:
            stocked(log, chance.choice((-1, 1)))
        for replica in chance.choices(replicas, k=chance.randint(0, 3)):
            after = max(0, before - chance.randint(0, 3))
            replica.runner.notify({**log.read_all(after), "after": after})
        if chance.random() < 0.05:
            replicas[0].projector.request_rebuild("log")
        eventlet.sleep(chance.uniform(0, 0.02))
    return set(standing)


@pytest.mark.parametrize("seed", range(5))
def test_every_order_is_answered_once_and_everything_is_shown_once(seed: int) -> None:
    chance, log, model = random.Random(seed), LogInMemory(), ReadModelInMemory()
    stocked(log, 2 * ORDERS)
    replicas = [Replica(log, model, chance) for _ in range(2)]
    with running(replicas):
        standing = trade(log, replicas, chance)
        for replica in replicas:
            replica.way.calm = True

        eventually(lambda: stock(log).held == standing, seconds=15)
        eventually(lambda: model.shown == [event["type"] for event in log.events() if event["type"] in SHOWN])

    assert log.letters == []
    assert len({commit["command_id"] for commit in log.commits}) == len(log.commits)
    assert log.types(STOCK.stream(PRODUCT)).count("UnitsReserved") == ORDERS
