"""Products for tests of their service: on sale, and ordered."""

from typing import Any
from uuid import UUID, uuid4

from shop.contracts.events import OrderLine, OrderPlaced
from shop.contracts.money import Money
from shop.contracts.names import stock_stream
from tests.component.support.recording import record_as_orders
from tests.support.waiting import wait_until

PRICE = {"amount": 495, "currency": "EUR"}


def listed_in(cluster: Any, category: str) -> list[dict[str, Any]]:
    return cluster.products.list_products(category=category)["items"]


def add(cluster: Any, category: str, name: str = "Tea", units: int = 10, **more: Any) -> dict[str, Any]:
    values = {"description": "From the hills.", "supplier": "Hill & Co", "price": PRICE} | more
    return cluster.products.add_product(name=name, category_id=category, units_in_stock=units, **values)


def place(cluster: Any, *lines: tuple[str, int]) -> UUID:
    order_id = uuid4()
    price = Money(495, "EUR")
    placed = OrderPlaced(
        order_id=order_id,
        customer="ann",
        lines=tuple(
            OrderLine(product_id=UUID(product), name="Tea", quantity=quantity, unit_price=price)
            for product, quantity in lines
        ),
        total=price * sum(quantity for _, quantity in lines),
        address=None,
    )
    record_as_orders(cluster, placed)
    return order_id


def types_in(cluster: Any, stream: str) -> list[str]:
    return [event["type"] for event in cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]]


def answer_to(cluster: Any, order_id: UUID) -> str:
    return wait_until(lambda: types_in(cluster, stock_stream(order_id)))[-1]


def units(cluster: Any, product: str) -> int:
    return cluster.products.get_product(product)["units_in_stock"]
