"""The outcome of an order once stock and credit have answered."""

from typing import Any
from uuid import UUID

from shop.contracts.actors import Actor
from tests.component.orders.support.world import TWO_TEAS, Ask, answer, place, running_orders, wait_for
from tests.component.support.order_world import SOMEBODY, Customers, Products, record, types_of
from tests.component.support.running import calling
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import (
    credit_rejected,
    credit_reserved,
    invoiced,
    placed,
    stock_rejected,
    stock_released,
    stock_reserved,
)


def test_an_order_with_stock_and_credit_is_approved_and_invoiced(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    answer(cluster, order_id)
    wait_for(ask, order_id, status="approved", stock="reserved", credit="reserved", version=2)
    record(cluster, invoiced(placed(order_id=UUID(order_id)), number=1), order_id=order_id)

    assert wait_for(ask, order_id, invoice="2026-000001")["reason"] is None


def test_a_refused_credit_rejects_the_order_and_shows_the_stock_released(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    answer(cluster, order_id, credit=credit_rejected)
    wait_for(ask, order_id, status="rejected", reason=["insufficient_credit"], stock="reserved", credit="rejected")
    record(cluster, stock_released(UUID(order_id)), order_id=order_id)

    wait_for(ask, order_id, status="rejected", stock="released", credit="rejected")


def test_all_reasons_are_given(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    answer(cluster, order_id, stock=stock_rejected, credit=credit_rejected)

    wait_for(ask, order_id, status="rejected", reason=["out_of_stock", "insufficient_credit"])


def test_an_order_waits_for_its_second_answer(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    record(cluster, stock_reserved(UUID(order_id)), order_id=order_id)

    assert wait_for(ask, order_id, stock="reserved")["status"] == "placed"


def test_after_a_restart_the_saga_goes_on_where_it_was(alone: dict[str, Any]):
    with running_orders(alone, Products, Customers) as cluster, calling(alone, SOMEBODY) as ada:
        order_id = ada.orders.place_order(TWO_TEAS, "key")["id"]
        record(cluster, stock_reserved(UUID(order_id)), order_id=order_id)
        cluster.orders.pause()
        record(cluster, credit_reserved(UUID(order_id)), order_id=order_id)

    with running_orders(alone, Products, Customers) as cluster, calling(alone, SOMEBODY) as ada:
        wait_until(lambda: ada.orders.get_order(order_id)["status"] == "approved")

        assert types_of(cluster, f"order-{order_id}") == ["OrderPlaced", "OrderApproved"]
