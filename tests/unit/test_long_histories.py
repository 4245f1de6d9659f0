"""No state grows with what has come to an end: a step costs the same in a long history as in a short one."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from shop.contracts.codec import dump
from shop.contracts.events import (
    CategoryAdded,
    CreditAdjusted,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    ProductAdded,
    ProductDelisted,
    ProductListed,
    Role,
    StockAdjusted,
    UnitsReleased,
    UnitsReserved,
)
from shop.event_sourcing.time_travel import TimeTravel
from tests.unit.support.order_builders import TEA, credited, euros, invoiced

SERVICES: list[type[TimeTravel]] = [CustomersService, ProductsService, OrdersService, AccountingService]
OF_ONE_ORDER = {"order", "stock"}
"""Streams that end with their order: there are no long ones."""

DIGITS = 20
"""Bytes that the numbers of a longer history may take more."""


def history_of_customer(orders: int) -> Iterator[Event]:
    yield CustomerRegistered(
        username="ada", full_name="Ada", email="a@example.org", role=Role.CUSTOMER, credit=euros(9_000_000)
    )
    for order_id in (UUID(int=number) for number in range(orders)):
        yield CreditReserved(username="ada", order_id=order_id, amount=euros(1))
        if order_id.int % 3 == 0:
            yield CreditReleased(username="ada", order_id=order_id, amount=euros(1))
        if order_id.int % 3 == 1:
            yield CreditRejected(username="ada", order_id=order_id, amount=euros(10**7), available=euros(1))
            yield CreditAdjusted(username="ada", change=euros(1), reason="because")


def history_of_product(orders: int) -> Iterator[Event]:
    yield ProductAdded(
        product_id=TEA, name="Tea", description="", supplier="", category_id=TEA, price=euros(1), units_in_stock=10**6
    )
    for number in range(orders):
        yield UnitsReserved(product_id=TEA, order_id=UUID(int=number), quantity=1)
        if number % 2:
            yield UnitsReleased(product_id=TEA, order_id=UUID(int=number), quantity=1)
            yield StockAdjusted(product_id=TEA, change=1, reason="delivery")


def history_of_category(orders: int) -> Iterator[Event]:
    yield CategoryAdded(category_id=TEA, name="Tea")
    for number in range(orders):
        yield ProductListed(category_id=TEA, product_id=UUID(int=number))
        if number % 2:
            yield ProductDelisted(category_id=TEA, product_id=UUID(int=number))


HISTORIES = {
    "customer": history_of_customer,
    "product": history_of_product,
    "category": history_of_category,
    "invoices": lambda orders: (invoiced(number=number) for number in range(1, orders + 1)),
    "credit-notes": lambda orders: (credited(number=number) for number in range(1, orders + 1)),
}

DECIDERS = {kind: decider for service in SERVICES for kind, decider in service.deciders.items()}


def size_of(state: Any) -> int:
    """How much the state holds, by the length of its JSON."""
    return len(orjson.dumps(dump(state)))


def test_every_kind_of_stream_that_can_become_long_is_looked_at():
    assert DECIDERS.keys() - OF_ONE_ORDER == HISTORIES.keys()


@pytest.mark.parametrize("kind", HISTORIES)
def test_a_state_is_as_large_after_a_thousand_orders_as_after_ten(kind):
    short, long = (DECIDERS[kind].fold(HISTORIES[kind](orders)) for orders in (10, 1_000))

    assert size_of(long) <= size_of(short) + DIGITS
