"""The rules of an order's stock: all lines are reserved or none, and released at most once. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from product_svc.domain import Product
from shop.contracts import names
from shop.contracts.deciders import Decider
from shop.contracts.events import (
    Event,
    Reason,
    Shortage,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
    UnitsReleased,
    UnitsReserved,
)


@dataclass(frozen=True, kw_only=True)
class OrderStock:
    """The reservation result of an order: the units reserved; none after a rejection or a release."""

    held: tuple[Units, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReserveStock:
    """Reserve units for an order; a product may be named more than once."""

    order_id: UUID
    lines: tuple[Units, ...]


def reserve_stock(
    stock: OrderStock | None, products: Mapping[UUID, Product | None], command: ReserveStock
) -> list[Event]:
    """All lines get their units, or none does and the rejection names every line that is short.

    Args:
        products: the state of each product of the order.
    """
    if stock is not None:
        return []
    order_id, units = command.order_id, per_product(command.lines)
    shortages = tuple(short for wanted in units if (short := _shortage(products[wanted.product_id], wanted)))
    if shortages:
        return [StockRejected(order_id=order_id, shortages=shortages)]
    taken = [UnitsReserved(product_id=u.product_id, order_id=order_id, quantity=u.quantity) for u in units]
    return [StockReserved(order_id=order_id, units=units), *taken]


def release_stock(stock: OrderStock | None, order_id: UUID) -> list[Event]:
    """Release the order's units; no event without any."""
    if stock is None or not stock.held:
        return []
    back = [UnitsReleased(product_id=u.product_id, order_id=order_id, quantity=u.quantity) for u in stock.held]
    return [StockReleased(order_id=order_id, units=stock.held), *back]


def per_product(lines: Iterable[Units]) -> tuple[Units, ...]:
    """One entry per product, in the order of their first lines."""
    wanted: Counter[UUID] = Counter()
    for line in lines:
        wanted[line.product_id] += line.quantity
    return tuple(Units(product_id=product_id, quantity=quantity) for product_id, quantity in wanted.items())


def evolve_stock(stock: OrderStock | None, event: Event) -> OrderStock | None:
    match event:
        case StockReserved(units=units):
            return OrderStock(held=units)
        case StockRejected() | StockReleased():
            return OrderStock()
        case _:
            return stock


def _shortage(product: Product | None, wanted: Units) -> Shortage | None:
    if product is None or not product.on_sale:
        return _short(wanted, available=0, reason=Reason.NOT_ON_SALE)
    if product.units < wanted.quantity:
        return _short(wanted, available=product.units, reason=Reason.OUT_OF_STOCK)
    return None


def _short(wanted: Units, *, available: int, reason: Reason) -> Shortage:
    return Shortage(product_id=wanted.product_id, requested=wanted.quantity, available=available, reason=reason)


STOCK: Decider[OrderStock | None] = Decider(names.stock_stream, None, evolve_stock)
