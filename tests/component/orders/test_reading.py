"""Permissions to see orders, lists and histories."""

from typing import Any
from uuid import uuid4

import pytest

from shop.contracts.actors import Actor
from shop.contracts.errors import Forbidden, InvalidRequest, Unauthenticated, UnknownOrder
from tests.component.orders.support.world import Ask, answer, approved_order, place, wait_for
from tests.component.support.order_world import MAX, VISITOR
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import credit_rejected, stock_rejected


@pytest.mark.parametrize("method", ["get_order", "history", "cancel_order"])
def test_others_do_not_even_learn_that_an_order_exists(method: str, ask: Ask, ada: Actor, bob: Actor):
    order_id = place(ask, ada)

    with pytest.raises(UnknownOrder):
        ask(bob, method, order_id)
    with pytest.raises(Unauthenticated):
        ask(VISITOR, method, order_id)


@pytest.mark.parametrize("method", ["get_order", "history", "cancel_order", "ship_order"])
@pytest.mark.parametrize("order_id", [str(uuid4()), "nonsense", "", None, 7, "x\x00", {"id": 1}])
def test_there_is_no_order_with_an_unknown_id(method: str, order_id: Any, ask: Ask):
    with pytest.raises(UnknownOrder):
        ask(MAX, method, order_id)


def test_customers_list_their_own_orders_and_managers_all(ask: Ask, ada: Actor, bob: Actor):
    of_ada, of_bob = place(ask, ada), place(ask, bob)

    def listed(actor: Actor, **query: Any) -> list[str]:
        return [order["id"] for order in ask(actor, "list_orders", **query)["items"]]

    assert listed(ada) == [of_ada]
    assert listed(MAX, limit=2) == [of_bob, of_ada]
    assert listed(MAX, customer=ada.username.upper()) == [of_ada]
    assert listed(MAX, customer="nobody") == []
    assert listed(ada, customer=ada.username.lower()) == [of_ada]
    with pytest.raises(Forbidden):
        listed(ada, customer=bob.username)
    with pytest.raises(Unauthenticated):
        listed(VISITOR)


def test_a_list_goes_on_where_the_page_before_ended(ask: Ask, ada: Actor):
    orders = [place(ask, ada) for _ in range(3)]

    first = ask(ada, "list_orders", limit=2)
    second = ask(ada, "list_orders", limit=2, after=first["next"])

    assert [order["id"] for order in first["items"] + second["items"]] == orders[::-1]
    assert second["next"] is None
    assert [order["id"] for order in ask(ada, "list_orders", sort="placed")["items"]] == orders


def test_orders_are_listed_by_status(ask: Ask, ada: Actor):
    waiting, cancelled = place(ask, ada), place(ask, ada)
    ask(ada, "cancel_order", cancelled)

    def listed(status: str) -> list[str]:
        query = {"status": status, "customer": ada.username}
        return [order["id"] for order in ask(MAX, "list_orders", **query)["items"]]

    assert listed("placed") == [waiting]
    assert listed("cancelled") == [cancelled]
    assert listed("shipped") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"status": 7}, "status"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "20"}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"after": 7}, "after"),
        ({"sort": "total"}, "sort"),
        ({"customer": "a\x00b"}, "customer"),
    ],
)
def test_a_list_with_wrong_values_is_refused_by_name(query: dict[str, Any], field: str, ask: Ask):
    with pytest.raises(InvalidRequest) as refusal:
        ask(MAX, "list_orders", **query)

    assert list(refusal.value.errors) == [field]


def test_the_history_tells_the_saga_across_services(ask: Ask, cluster: Any, ada: Actor):
    order_id = approved_order(ask, cluster, ada)
    ask(MAX, "cancel_order", order_id)

    told = ask(ada, "history", order_id)

    assert [(entry["event"], entry["state"]) for entry in told] == [
        ("OrderPlaced", "placed"),
        ("StockReserved", "placed"),
        ("CreditReserved", "placed"),
        ("OrderApproved", "approved"),
        ("OrderCancelled", "cancelled"),
    ]
    assert told[-1]["detail"] == {"by": "manager"}
    assert [entry["at"] for entry in told] == sorted(entry["at"] for entry in told)


def test_a_rebuilt_read_model_shows_the_same(ask: Ask, cluster: Any, ada: Actor):
    for outcome in ({}, {"credit": credit_rejected}, {"stock": stock_rejected}):
        order_id = place(ask, ada)
        answer(cluster, order_id, **outcome)
        wait_for(ask, order_id, version=2)
    before = ask(MAX, "list_orders")

    cluster.orders.rebuild()
    wait_until(lambda: not cluster.orders.rebuild_progress()["running"])

    assert ask(MAX, "list_orders") == before
