"""A step of the order saga: all lines of an order are reserved or none, and released at most once. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from product_svc.domain import PRODUCT, Product
from shop.contracts import names
from shop.contracts.commits import Commit
from shop.contracts.deciders import Decider
from shop.contracts.decisions import DecisionContext, reacts_to
from shop.contracts.events import (
    Event,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRejected,
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
    """The stock reserved for an order; no units after a rejection or a release."""

    held: tuple[Units, ...] = ()


def evolve(stock: OrderStock | None, event: Event) -> OrderStock | None:
    """The reservation after an event; None before its result."""
    match event:
        case StockReserved(units=units):
            return OrderStock(held=units)
        case StockRejected() | StockReleased():
            return OrderStock()
        case _:
            return stock


STOCK: Decider[OrderStock | None] = Decider(names.stock_stream, None, evolve)


class StockReservations:
    """Reactions to orders that reserve and release units."""

    @reacts_to(OrderPlaced)
    def reserve_stock(self, placed: OrderPlaced, context: DecisionContext) -> Commit | None:
        """Reserve the units of all lines, or reject the order with every line that is short: `stock:<order id>`."""
        products = context.load_many(PRODUCT, {line.product_id for line in placed.lines})
        stock = context.load_new(STOCK, placed.order_id)
        return context.commit(reserve(stock, products, placed), once=f"stock:{placed.order_id}")

    @reacts_to(OrderRejected, OrderCancelled)
    def release_stock(self, ended: OrderRejected | OrderCancelled, context: DecisionContext) -> Commit | None:
        """Release the units of a rejected or cancelled order: `stock-release:<order id>`."""
        stock = context.load(STOCK, ended.order_id)
        if stock is not None:
            context.load_many(PRODUCT, {units.product_id for units in stock.held})
        return context.commit(release(stock, ended.order_id), once=f"stock-release:{ended.order_id}")


def reserve(stock: OrderStock | None, products: Mapping[UUID, Product | None], placed: OrderPlaced) -> list[Event]:
    """All lines get their units, or none does and the rejection names every line that is short.

    Args:
        stock: None for an order without a result.
        products: the state of each product of the order; None for one that never existed.
    """
    if stock is not None:
        return []
    order_id, wanted = placed.order_id, per_product(placed.lines)
    shortages = tuple(short for units in wanted if (short := _shortage(products[units.product_id], units)))
    if shortages:
        return [StockRejected(order_id=order_id, shortages=shortages)]
    taken = [UnitsReserved(product_id=u.product_id, order_id=order_id, quantity=u.quantity) for u in wanted]
    return [StockReserved(order_id=order_id, units=wanted), *taken]


def release(stock: OrderStock | None, order_id: UUID) -> list[Event]:
    """Release the order's units; no events without any."""
    if stock is None or not stock.held:
        return []
    back = [UnitsReleased(product_id=u.product_id, order_id=order_id, quantity=u.quantity) for u in stock.held]
    return [StockReleased(order_id=order_id, units=stock.held), *back]


def per_product(lines: Iterable[OrderLine]) -> tuple[Units, ...]:
    """The units per product, in the order of their first lines: a product may have several."""
    wanted: Counter[UUID] = Counter()
    for line in lines:
        wanted[line.product_id] += line.quantity
    return tuple(Units(product_id=product_id, quantity=quantity) for product_id, quantity in wanted.items())


def _shortage(product: Product | None, wanted: Units) -> Shortage | None:
    if product is None or not product.on_sale:
        return _short(wanted, available=0, reason=Reason.NOT_ON_SALE)
    if product.units < wanted.quantity:
        return _short(wanted, available=product.units, reason=Reason.OUT_OF_STOCK)
    return None


def _short(wanted: Units, *, available: int, reason: Reason) -> Shortage:
    return Shortage(product_id=wanted.product_id, requested=wanted.quantity, available=available, reason=reason)
