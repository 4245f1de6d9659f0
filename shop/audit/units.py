"""Products' units: never negative, and every unit accounted for."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from shop.audit.checks import LogCheck, count
from shop.audit.large import LargeDict
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import (
    Event,
    OrderPlaced,
    ProductAdded,
    ProductWithdrawn,
    Reason,
    StockAdjusted,
    StockRejected,
    StockReleased,
    StockReserved,
    UnitsReleased,
    UnitsReserved,
)

Units = Counter[UUID]
"""Units by product."""


class StockNeverNegative(LogCheck):
    """No product has negative stock at any position of the log."""

    name = "stock never negative"

    def __init__(self) -> None:
        super().__init__()
        self._units: dict[UUID, int] = {}

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        moved = _moved(event)
        if moved is None:
            return
        product, change = moved
        units = self._units[product] = self._units.get(product, 0) + change
        self.faults.require(
            units >= 0,
            "product {product} has {units} units at {position}",
            product=product,
            units=units,
            position=recorded.position,
        )

    def end(self, settled_before: str) -> str:  # noqa: ARG002 - nothing is still to come
        return f"{count(len(self._units), 'product')}, at every position"


class UnitsConserved(LogCheck):
    """Delivered units are in stock, or reserved by or sold to an order."""

    name = "units conserved"

    def __init__(self) -> None:
        super().__init__()
        self._units: dict[UUID, int] = {}
        self._delivered = 0
        self._withdrawn: set[UUID] = set()
        self._ordered: LargeDict[UUID, Units] = LargeDict()
        self._held: LargeDict[UUID, Units] = LargeDict()
        self._commit = 0
        self._announced: dict[UUID, Units] = {}
        """Units that an order takes or gives back by an event of the present commit, not yet moved by product events.
        """

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if recorded.position != self._commit:
            self._close(self._commit)
            self._commit = recorded.position
        match event:
            case OrderPlaced():
                self._ordered[event.order_id] = _sum((line.product_id, line.quantity) for line in event.lines)
            case ProductAdded() | StockAdjusted():
                self._deliver(recorded, event)
            case ProductWithdrawn():
                self._withdrawn.add(event.product_id)
            case StockReserved() | StockReleased():
                self._announce(recorded, event)
            case UnitsReserved() | UnitsReleased():
                self._move(recorded, event)
            case StockRejected():
                self._refuse(recorded, event)

    def end(self, settled_before: str) -> str:  # noqa: ARG002 - it must be right at any time
        self._close(self._commit)
        there, held = sum(self._units.values()), sum(units.total() for _, units in self._held.each())
        numbers = {"delivered": self._delivered, "there": there, "with_orders": held}
        told = {name: f"{number:,}" for name, number in numbers.items()}
        self.faults.require(
            self._delivered == there + held,
            "delivered {delivered} is not in stock {there} + with orders {with_orders}",
            **told,
        )
        return "delivered {delivered} = in stock {there} + with orders {with_orders}".format(**told)

    def _deliver(self, recorded: RecordedEvent, event: ProductAdded | StockAdjusted) -> None:
        begins, product = isinstance(event, ProductAdded), event.product_id
        right = begins != (product in self._units)
        self.faults.require(
            right,
            "{type} at {position} of {product}, which was added not once",
            type=recorded.type,
            position=recorded.position,
            product=product,
        )
        _, change = _moved(event) or (product, 0)
        self._units[product] = self._units.get(product, 0) + change
        self._delivered += change

    def _announce(self, recorded: RecordedEvent, event: StockReserved | StockReleased) -> None:
        order_id, units = event.order_id, _sum((each.product_id, each.quantity) for each in event.units)
        which = {"order": order_id, "position": recorded.position}
        if isinstance(event, StockReserved):
            fits = units == self._ordered.get(order_id) and order_id not in self._held
            self.faults.require(
                fits, "order {order} took units at {position} that it had not ordered, or had already", **which
            )
            self._held[order_id] = units
        else:
            held = self._held.pop(order_id, None)
            self.faults.require(units == held, "order {order} gave back units at {position} that it had not", **which)
        self._announced[order_id] = Counter(units)

    def _move(self, recorded: RecordedEvent, event: UnitsReserved | UnitsReleased) -> None:
        product, quantity, position = event.product_id, event.quantity, recorded.position
        announced = self._announced.get(event.order_id, Counter())
        right = quantity > 0 and announced[product] == quantity
        self.faults.require(
            right,
            "{type} of {quantity} of {product} at {position}, apart from the order's answer",
            type=recorded.type,
            quantity=quantity,
            product=product,
            position=position,
        )
        announced[product] -= quantity
        sold = isinstance(event, UnitsReserved)
        on_sale = product in self._units and product not in self._withdrawn
        self.faults.require(
            on_sale or not sold,
            "product {product} was sold at {position}, when it was not on sale",
            product=product,
            position=position,
        )
        _, change = _moved(event) or (product, 0)
        self._units[product] = self._units.get(product, 0) + change

    def _close(self, position: int) -> None:
        """At the end of a commit, all announced units must have been moved."""
        for order_id, units in self._announced.items():
            self.faults.require(
                not any(units.values()),
                "order {order} moved other units at {position} than it said",
                order=order_id,
                position=position,
            )
        self._announced.clear()

    def _refuse(self, recorded: RecordedEvent, event: StockRejected) -> None:
        which = {"order": event.order_id, "position": recorded.position}
        self.faults.require(event.shortages, "order {order} at {position} was refused for nothing", **which)
        for short in event.shortages:
            product = short.product_id
            gone = product in self._withdrawn or product not in self._units
            there, reason = (0, Reason.NOT_ON_SALE) if gone else (self._units[product], Reason.OUT_OF_STOCK)
            right = short.available == there < short.requested and short.reason is reason
            self.faults.require(
                right,
                "order {order} at {position} was refused {requested} of {product}, of which there were {there}",
                requested=short.requested,
                product=product,
                there=there,
                **which,
            )


def _moved(event: Event) -> tuple[UUID, int] | None:
    """The product whose units in stock the event changes, and the number."""
    match event:
        case ProductAdded(product_id=product, units_in_stock=units):
            return product, units
        case StockAdjusted(product_id=product, change=change):
            return product, change
        case UnitsReserved(product_id=product, quantity=quantity):
            return product, -quantity
        case UnitsReleased(product_id=product, quantity=quantity):
            return product, quantity
    return None


def _sum(parts: Iterable[tuple[UUID, int]]) -> Units:
    units: Units = Counter()
    for product, quantity in parts:
        units[product] += quantity
    return units
