"""The stock and the orders that take it, on the real event store."""

from typing import Any
from uuid import UUID

import eventlet
import pytest

from shop.contracts.errors import (
    StockBelowZero,
)
from shop.contracts.events import OrderCancelled, OrderRejected, Reason
from shop.contracts.names import product_stream, stock_stream
from tests.component.products.support.world import add, answer_to, place, types_in, units
from tests.component.support.recording import record_as_orders
from tests.component.support.running import calling
from tests.support.waiting import wait_until


def test_the_stock_is_corrected_and_never_below_zero(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks, units=3)

    assert cluster.products.adjust_stock(tea["id"], -3, "broken")["units_in_stock"] == 0
    with pytest.raises(StockBelowZero):
        cluster.products.adjust_stock(tea["id"], -1, "broken")


def test_an_order_takes_its_units_and_gives_them_back(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks, units=10)["id"]

    order_id = place(cluster, (tea, 2), (tea, 1))
    reserved = answer_to(cluster, order_id)
    wait_until(lambda: units(cluster, tea) == 7)
    record_as_orders(cluster, OrderCancelled(order_id=order_id, customer="ann", was_approved=False), version=1)
    wait_until(lambda: units(cluster, tea) == 10)

    assert reserved == "StockReserved"
    assert types_in(cluster, stock_stream(order_id)) == ["StockReserved", "StockReleased"]
    assert cluster.products.get_product(tea)["version"] == 1


def test_orders_at_once_never_take_more_than_there_is(cluster: Any, drinks: str) -> None:
    tea, cup = add(cluster, drinks, units=10)["id"], add(cluster, drinks, name="Cup", units=100)["id"]

    orders = [place(cluster, (tea, 1), (cup, 1)) for _ in range(24)]
    answers = [answer_to(cluster, order_id) for order_id in orders]

    assert sorted(answers) == ["StockRejected"] * 14 + ["StockReserved"] * 10
    wait_until(lambda: (units(cluster, tea), units(cluster, cup)) == (0, 90))


def test_a_correction_racing_orders_never_goes_below_zero(config: dict[str, Any], cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks, units=10)["id"]

    def correct(_: int) -> int:
        with calling(config) as own:
            try:
                own.products.adjust_stock(tea, -1, "broken")
            except StockBelowZero:
                return 0
            return 1

    corrections = [eventlet.spawn(correct, number) for number in range(8)]
    orders = [place(cluster, (tea, 1)) for _ in range(8)]
    broken = sum(thread.wait() for thread in corrections)
    sold = [answer_to(cluster, order_id) for order_id in orders].count("StockReserved")

    assert broken + sold == 10
    wait_until(lambda: units(cluster, tea) == 0)


def test_an_order_of_a_withdrawn_product_is_not_on_sale(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)["id"]
    cluster.products.withdraw_product(tea)

    order_id = place(cluster, (tea, 1))
    answer_to(cluster, order_id)

    stream = stock_stream(order_id)
    (rejected,) = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]
    assert rejected["data"]["shortages"] == [
        {"product_id": tea, "requested": 1, "available": 0, "reason": "not_on_sale"},
    ]


def test_units_of_a_withdrawn_product_still_go_back(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)["id"]
    order_id = place(cluster, (tea, 4))
    answer_to(cluster, order_id)

    cluster.products.withdraw_product(tea)
    record_as_orders(cluster, OrderRejected(order_id=order_id, customer="ann", reasons=(Reason.TIMED_OUT,)), version=1)

    wait_until(lambda: answer_to(cluster, order_id) == "StockReleased")
    assert types_in(cluster, product_stream(UUID(tea))) == [
        "ProductAdded",
        "UnitsReserved",
        "ProductWithdrawn",
        "UnitsReleased",
    ]
