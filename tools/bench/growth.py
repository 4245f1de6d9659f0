"""Shops of other sizes: more products, more old orders."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid5

from shop.contracts.commits import Commit
from shop.contracts.events import (
    CreditReserved,
    Event,
    InvoiceIssued,
    OrderApproved,
    OrderLine,
    OrderPlaced,
    Seller,
    StockReserved,
    Units,
    UnitsReserved,
)
from shop.contracts.money import Money
from shop.event_sourcing.event_store import Checkpoint, EventStoreClient
from shop.service.registry import WITH_READ_MODEL
from tools.bench import market
from tools.bench.systems import Servers, ShopInOneProcess, ShopOnServers

ORDERS_AT_ONCE = 40
PRODUCTS_ON_A_PAGE = 5
"""Every shop has a full page of products and a next page, so the compared pages are of equal size."""

SECONDS_TO_WARM_UP = 15
"""Time in which most customers and products have an order: services read a stream's history at its first one."""

SELLER = Seller(name="Bench", address="1 Market Square", tax_id="DE0")


def shop_of(servers: Servers, folder: Path, *, products: int = 1000, orders: int = 0) -> ShopOnServers:
    shop = ShopOnServers(servers, folder, f"products{products}orders{orders}", products=products)
    with market.log_at(f"sqlite:///{shop.log_file}") as store:
        add_orders(store, orders, customers=shop.customers, products=products)
    return shop


Shops = Mapping[str, Callable[[Servers, Path], ShopOnServers]]

COMPARED: Sequence[Shops] = (
    {
        "10 products": lambda servers, folder: shop_of(servers, folder, products=10),
        "10,000 products": lambda servers, folder: shop_of(servers, folder, products=10_000),
    },
    {
        "no orders behind": shop_of,
        "10,000 orders behind": lambda servers, folder: shop_of(servers, folder, orders=10_000),
        "100,000 orders behind": lambda servers, folder: shop_of(servers, folder, orders=100_000),
    },
)
"""Shops of a row run at the same time and are measured alternately: all see the same state of the machine."""


def seconds_to_ready(folder: Path, *, orders: int) -> float:
    """Seconds that `shop run` takes to start with so many orders in the log."""
    shop = ShopInOneProcess(folder)
    with market.log_at(f"sqlite:///{shop.log_file}") as store:
        add_orders(store, orders, customers=shop.customers, products=len(shop.products))
    try:
        shop.start()
        shop.stop()
        return shop.start()
    finally:
        shop.close()


def add_orders(store: EventStoreClient, number: int, *, customers: int, products: int) -> None:
    """Orders that have been placed, approved and invoiced, as the services would have recorded them, with checkpoints
    at the end.

    The log must not have any subscription yet.
    """
    past = _Past(customers, products)
    for first in range(0, number, ORDERS_AT_ONCE):
        orders = range(first, min(first + ORDERS_AT_ONCE, number))
        for outcome in store.append_many([commit for order in orders for commit in past.order(order)]):
            if outcome.error:
                raise outcome.error
    _, head = store.head()
    for service in WITH_READ_MODEL:
        store.append_many([], Checkpoint(service.value, 0, head))


class _Past:
    """Tracks the version of each stream. Customers and products have one event each at the start."""

    def __init__(self, customers: int, products: int) -> None:
        self._customers, self._products = customers, products
        self._versions: dict[str, int] = {}
        self._year = datetime.now(UTC).year

    def order(self, number: int) -> Iterator[Commit]:
        order_id = uuid5(market.IDS, f"order {number}")
        product, customer = market.product_id(number % self._products), market.username(number % self._customers)
        price = Money(100 + number % self._products % 900, "EUR")
        line = OrderLine(product_id=product, name="A thing", quantity=1, unit_price=price)
        terms: dict[str, Any] = {
            "order_id": order_id,
            "customer": customer,
            "lines": (line,),
            "total": price,
            "address": None,
        }
        units = Units(product_id=product, quantity=1)
        yield self._commit(f"place:{order_id}", order_id, "orders", OrderPlaced(**terms))
        yield self._commit(
            f"stock:{order_id}",
            order_id,
            "products",
            StockReserved(order_id=order_id, units=(units,)),
            UnitsReserved(product_id=product, order_id=order_id, quantity=1),
        )
        credit = CreditReserved(username=customer, order_id=order_id, amount=price)
        yield self._commit(f"credit:{order_id}", order_id, "customers", credit)
        yield self._commit(f"decide:{order_id}", order_id, "orders", OrderApproved(**terms))
        invoice = InvoiceIssued(
            **terms, year=self._year, number=number + 1, seller=SELLER, tax_percent="19", tax=Money(0, "EUR"),
            issued_at=datetime.now(UTC),
        )  # fmt: skip
        yield self._commit(f"invoice:{order_id}", order_id, "accounting", invoice)

    def _commit(self, command_id: str, order_id: object, service: str, *events: Event) -> Commit:
        expects = {event.stream: self._versions.get(event.stream, _first_version(event.stream)) for event in events}
        for event in events:
            self._versions[event.stream] = expects[event.stream] + 1
        return Commit(
            command_id=command_id,
            events=events,
            expects=expects,
            correlation_id=str(order_id),
            actor=f"service:{service}",
            service=service,
        )


def _first_version(stream: str) -> int:
    return 1 if stream.startswith(("customer-", "product-")) else 0
