"""One order: it is placed, decided exactly once, and then perhaps cancelled or shipped. Pure.

The rules stand with their callers: `placing.py`, `deciding.py` and `changing.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from shop.contracts import names
from shop.contracts.deciders import Decider
from shop.contracts.events import Event, OrderApproved, OrderCancelled, OrderPlaced, OrderRejected, OrderShipped


class Status(StrEnum):
    """The status of an order."""

    PLACED = "placed"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order: how it was placed, and its status. Both are None before it is placed."""

    placed: OrderPlaced | None = None
    status: Status | None = None


def evolve(order: Order, event: Event) -> Order:
    """The order after one of its events; other events do not change it."""
    match event:
        case OrderPlaced():
            return Order(placed=event, status=Status.PLACED)
        case OrderApproved():
            return replace(order, status=Status.APPROVED)
        case OrderRejected():
            return replace(order, status=Status.REJECTED)
        case OrderCancelled():
            return replace(order, status=Status.CANCELLED)
        case OrderShipped():
            return replace(order, status=Status.SHIPPED)
    return order


ORDER = Decider(stream=names.order_stream, initial=Order(), evolve=evolve)
