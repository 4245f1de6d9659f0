"""Placing orders: calls to the neighbours, recorded events, and refusals."""

from typing import Any
from uuid import uuid4

import eventlet
import pytest

from shop.contracts import names
from shop.contracts.actors import Actor
from shop.contracts.codec import dump
from shop.contracts.errors import (
    CommandReused,
    Forbidden,
    InvalidRequest,
    ServiceUnavailable,
    ShopError,
    TotalMoved,
    Unauthenticated,
)
from tests.component.orders.support.world import TWO_TEAS, Ask, place, running_orders
from tests.component.support.order_world import MAX, ON_SALE, SOMEBODY, VISITOR, Customers, types_of
from tests.component.support.running import calling
from tests.unit.support.order_builders import CUP, HOME, TEA


def test_an_order_is_placed_at_todays_names_and_prices(ask: Ask, cluster: Any, ada: Actor):
    lines = [{"product_id": str(TEA), "quantity": 2}, {"product_id": str(CUP), "quantity": 1}]

    order = ask(ada, "place_order", lines, "key-1")

    placed_at = order.pop("placed_at")
    assert placed_at.endswith("Z")
    assert order == {
        "id": str(names.order_id_of(ada.username, "key-1")),
        "customer": ada.username,
        "status": "placed",
        "stock": "pending",
        "credit": "pending",
        "reason": None,
        "lines": [
            {
                "product_id": str(TEA),
                "name": "Tea",
                "quantity": 2,
                "unit_price": {"amount": 999, "currency": "EUR"},
                "total": {"amount": 1998, "currency": "EUR"},
            },
            {
                "product_id": str(CUP),
                "name": "Cup",
                "quantity": 1,
                "unit_price": {"amount": 450, "currency": "EUR"},
                "total": {"amount": 450, "currency": "EUR"},
            },
        ],
        "address": dump(HOME),
        "total": {"amount": 2448, "currency": "EUR"},
        "invoice": None,
        "version": 1,
    }
    assert ask(ada, "get_order", order["id"]) == {**order, "placed_at": placed_at}


def test_an_order_is_in_the_log_with_the_address_and_its_own_correlation(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    (event,) = cluster.event_store.read_correlations([order_id])["correlations"][order_id]
    assert (event["type"], event["actor"], event["service"]) == ("OrderPlaced", f"customer:{ada.username}", "orders")
    assert event["data"]["address"]["city"] == "Jena"


def test_a_customer_without_an_address_can_order(ask: Ask, cluster: Any, bob: Actor):
    order_id = place(ask, bob)

    (event,) = cluster.event_store.read_correlations([order_id])["correlations"][order_id]
    assert event["data"]["address"] is None


@pytest.mark.parametrize("address", [None, dump(HOME) | {"city": "Gera"}])
def test_an_order_goes_where_customers_has_just_told_whoever_places_it(address: Any, ask: Ask, ada: Actor):
    order = ask(ada, "place_order", TWO_TEAS, "key", {"address": address})

    assert order["address"] == address


@pytest.mark.parametrize(
    ("delivery", "field"),
    [({"address": "Gera"}, "address"), ({"address": {"city": "Gera"}}, "address.street"), ({"by": "drone"}, "by")],
)
def test_a_delivery_of_the_wrong_shape_is_refused_by_name(delivery: Any, field: str, ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        ask(ada, "place_order", TWO_TEAS, "key", delivery)

    assert field in refusal.value.errors


def test_the_same_key_is_the_same_order_even_when_its_product_is_gone(ask: Ask, cluster: Any, ada: Actor):
    first = ask(ada, "place_order", TWO_TEAS, "once")
    ON_SALE.offers.clear()

    again = ask(ada, "place_order", TWO_TEAS, "once")

    assert again == first
    assert types_of(cluster, f"order-{first['id']}") == ["OrderPlaced"]


def test_the_same_key_with_other_lines_is_refused(ask: Ask, ada: Actor):
    place(ask, ada, key="once")

    with pytest.raises(CommandReused):
        place(ask, ada, key="once", lines=[{"product_id": str(TEA), "quantity": 3}])


def test_an_order_at_another_total_than_was_seen_is_refused_and_not_recorded(ask: Ask, cluster: Any, ada: Actor):
    order_id = names.order_id_of(ada.username, "key")

    with pytest.raises(TotalMoved, match=r"19\.98 EUR"):
        ask(ada, "place_order", TWO_TEAS, "key", expected_total={"amount": 1997, "currency": "EUR"})
    with pytest.raises(InvalidRequest):
        ask(ada, "place_order", TWO_TEAS, "key", expected_total={"amount": 1998, "currency": "USD"})
    assert types_of(cluster, f"order-{order_id}") == []

    order = ask(ada, "place_order", TWO_TEAS, "key", expected_total={"amount": 1998, "currency": "EUR"})

    assert (order["id"], order["total"]["amount"]) == (str(order_id), 1998)
    assert ask(ada, "place_order", TWO_TEAS, "key", expected_total={"amount": 1998, "currency": "EUR"}) == order
    with pytest.raises(CommandReused):
        ask(ada, "place_order", TWO_TEAS, "key", expected_total={"amount": 1, "currency": "EUR"})


def test_keys_of_different_customers_do_not_meet(ask: Ask, ada: Actor, bob: Actor):
    assert place(ask, ada, key="once") != place(ask, bob, key="once")


def test_fifty_copies_of_a_request_at_once_are_one_order(ask: Ask, cluster: Any, ada: Actor):
    pool = eventlet.GreenPool(50)

    orders = list(pool.imap(lambda _: ask(ada, "place_order", TWO_TEAS, "once"), range(50)))

    assert len({order["id"] for order in orders}) == 1
    assert types_of(cluster, f"order-{orders[0]['id']}") == ["OrderPlaced"]


def test_a_product_that_is_not_on_sale_is_named_by_its_line(ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        place(ask, ada, lines=[*TWO_TEAS, {"product_id": str(uuid4()), "quantity": 1}])

    assert list(refusal.value.errors) == ["lines.1.product_id"]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (None, "lines"),
        ("tea", "lines"),
        ({}, "lines"),
        ([], "lines"),
        (TWO_TEAS * 51, "lines"),
        ([7], "lines.0"),
        ([{}], "lines.0.product_id"),
        ([{"product_id": 7, "quantity": 1}], "lines.0.product_id"),
        ([{"product_id": "tea", "quantity": 1}], "lines.0.product_id"),
        ([{"product_id": str(TEA)}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 0}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": -1}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 1001}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 10**30}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 1.5}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": "1"}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": True}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": None}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 1, "price": 1}], "lines.0.price"),
    ],
)
def test_lines_of_the_wrong_shape_are_refused_by_name(lines: Any, field: str, ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        ask(ada, "place_order", lines, "key")

    assert field in refusal.value.errors


@pytest.mark.parametrize("key", [None, "", "  ", "x" * 256, 7, "a\x00b"])
def test_an_order_needs_a_key(key: Any, ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        ask(ada, "place_order", TWO_TEAS, key)

    assert list(refusal.value.errors) == ["Idempotency-Key"]


def test_an_order_beyond_the_largest_amount_is_refused(ask: Ask, ada: Actor):
    ON_SALE.offers[str(TEA)] = {"name": "Gold", "price": {"amount": 999_999_999, "currency": "EUR"}}

    with pytest.raises(InvalidRequest) as refusal:
        place(ask, ada)

    assert list(refusal.value.errors) == ["lines"]


@pytest.mark.parametrize(("actor", "error"), [(MAX, Forbidden), (VISITOR, Unauthenticated)])
def test_only_customers_order(actor: Actor, error: type[ShopError], ask: Ask):
    with pytest.raises(error):
        place(ask, actor)


def test_without_the_catalogue_no_order_is_taken(alone: dict[str, Any]):
    with running_orders(alone, Customers), calling(alone, SOMEBODY) as own, pytest.raises(ServiceUnavailable):
        own.orders.place_order(TWO_TEAS, "key")
