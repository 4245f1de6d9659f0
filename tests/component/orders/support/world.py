"""The orders service, the answers that it waits for, and what its customers do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from event_store_svc.service import EventStoreService
from order_svc.service import OrdersService
from shop.contracts.actors import Actor
from tests.component.support.order_world import MAX, record
from tests.component.support.running import calling, running
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import TEA, credit_reserved, stock_reserved

Ask = Callable[..., Any]
"""Calls the orders service as somebody: `ask(ada, "get_order", order_id)`."""

TWO_TEAS = [{"product_id": str(TEA), "quantity": 2}]


@contextmanager
def running_orders(config: dict[str, Any], *neighbours: type) -> Iterator[Any]:
    with running(config, EventStoreService, OrdersService, *neighbours), calling(config) as cluster:
        wait_until(lambda: cluster.orders.status()["ready"])
        yield cluster


def place(ask: Ask, actor: Actor, *, key: str | None = None, lines: Any = TWO_TEAS) -> str:
    order_id: str = ask(actor, "place_order", lines, key or uuid4().hex)["id"]
    return order_id


def answer(cluster: Any, order_id: str, *, stock: Any = stock_reserved, credit: Any = credit_reserved) -> None:
    """Record the answers of products and customers to the order."""
    record(cluster, stock(order_id=UUID(order_id)), order_id=order_id)
    record(cluster, credit(order_id=UUID(order_id)), order_id=order_id)


def wait_for(ask: Ask, order_id: str, **wanted: Any) -> dict[str, Any]:
    """The order, as soon as it is as wanted."""

    def order_as_wanted() -> Any:
        order = ask(MAX, "get_order", order_id)
        return order if wanted.items() <= order.items() else None

    found: dict[str, Any] = wait_until(order_as_wanted)
    return found


def approved_order(ask: Ask, cluster: Any, actor: Actor) -> str:
    order_id = place(ask, actor)
    answer(cluster, order_id)
    wait_for(ask, order_id, status="approved", stock="reserved", credit="reserved")
    return order_id
