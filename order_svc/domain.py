"""The rules of one order: it is placed, decided exactly once, and then perhaps cancelled or shipped. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from shop.contracts import names
from shop.contracts.deciders import Decider
from shop.contracts.errors import CommandReused, InvalidRequest, OrderNotCancellable, OrderNotShippable, TotalMoved
from shop.contracts.events import (
    Address,
    Event,
    OrderApproved,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    Reason,
    Units,
)
from shop.contracts.money import MAX_AMOUNT, Money, total


class Status(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order: how it was placed, and where it stands. Both are None before it is placed."""

    placed: OrderPlaced | None = None
    status: Status | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A product on sale, as it is called and what it costs at the moment."""

    name: str
    price: Money


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """A customer wants these products, one line each; a product may come in several lines.

    Args:
        offers: by product, those that are on sale.
        expected_total: what the customer saw it come to; None where they do not say.
    """

    order_id: UUID
    customer: str
    wanted: tuple[Units, ...]
    offers: Mapping[UUID, Offer]
    address: Address | None
    currency: str
    expected_total: Money | None = None


@dataclass(frozen=True, kw_only=True)
class ApproveOrder:
    """Stock and credit are held for it."""


@dataclass(frozen=True, kw_only=True)
class RejectOrder:
    """Something it needs was refused, or nobody answered in time."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class CancelOrder:
    """The customer or a manager calls it off."""


@dataclass(frozen=True, kw_only=True)
class ShipOrder:
    """The parcel leaves."""


Command = PlaceOrder | ApproveOrder | RejectOrder | CancelOrder | ShipOrder


def decide(order: Order, command: Command) -> list[Event]:
    """What the command makes of the order; nothing where it was decided before.

    Raises:
        CommandReused: the order was placed before, with other lines.
        TotalMoved: the order does not come to what was expected.
        InvalidRequest: a product is not on sale, or the total is more than the shop can write down.
        OrderNotCancellable, OrderNotShippable: the order does not stand where the command needs it.
    """
    match command:
        case PlaceOrder():
            return _place(order, command)
        case ApproveOrder():
            return _approve(order)
        case RejectOrder():
            return _reject(order, command.reasons)
        case CancelOrder():
            return _cancel(order)
        case ShipOrder():
            return _ship(order)
    assert_never(command)


def evolve(order: Order, event: Event) -> Order:
    """The order after one of its events; other events leave it as it is."""
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


def _place(order: Order, command: PlaceOrder) -> list[Event]:
    """A repeat is the same order, whatever became of prices and products since."""
    if order.placed is not None:
        if _wanted(order.placed) != command.wanted:
            raise CommandReused
        return []
    lines = _priced(command)
    sum_ = total((line.total for line in lines), command.currency)
    if command.expected_total not in (None, sum_):
        raise TotalMoved(f"{sum_.text} {sum_.currency}")
    return [
        OrderPlaced(
            order_id=command.order_id,
            customer=command.customer,
            lines=lines,
            total=sum_,
            address=command.address,
        )
    ]


def _wanted(placed: OrderPlaced) -> tuple[Units, ...]:
    return tuple(Units(product_id=line.product_id, quantity=line.quantity) for line in placed.lines)


def _priced(command: PlaceOrder) -> tuple[OrderLine, ...]:
    _require_on_sale(command)
    lines = tuple(_line(units, command.offers[units.product_id]) for units in command.wanted)
    if total((line.total for line in lines), command.currency).amount > MAX_AMOUNT:
        most = Money(MAX_AMOUNT, command.currency).text
        raise InvalidRequest({"lines": [f"An order comes to {most} {command.currency} at most."]})
    return lines


def _require_on_sale(command: PlaceOrder) -> None:
    missing = [number for number, units in enumerate(command.wanted) if units.product_id not in command.offers]
    if missing:
        raise InvalidRequest(
            {f"lines.{number}.product_id": ["There is no such product on sale."] for number in missing}
        )


def _line(units: Units, offer: Offer) -> OrderLine:
    return OrderLine(product_id=units.product_id, name=offer.name, quantity=units.quantity, unit_price=offer.price)


def _approve(order: Order) -> list[Event]:
    if order.placed is None or order.status is not Status.PLACED:
        return []
    placed = order.placed
    return [
        OrderApproved(
            order_id=placed.order_id,
            customer=placed.customer,
            lines=placed.lines,
            total=placed.total,
            address=placed.address,
        )
    ]


def _reject(order: Order, reasons: tuple[Reason, ...]) -> list[Event]:
    if order.placed is None or order.status is not Status.PLACED:
        return []
    return [OrderRejected(order_id=order.placed.order_id, customer=order.placed.customer, reasons=reasons)]


def _cancel(order: Order) -> list[Event]:
    if order.placed is None or order.status not in (Status.PLACED, Status.APPROVED):
        raise OrderNotCancellable
    return [
        OrderCancelled(
            order_id=order.placed.order_id,
            customer=order.placed.customer,
            was_approved=order.status is Status.APPROVED,
        )
    ]


def _ship(order: Order) -> list[Event]:
    if order.placed is None or order.status is not Status.APPROVED:
        raise OrderNotShippable
    return [OrderShipped(order_id=order.placed.order_id)]
