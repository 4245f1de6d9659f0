"""An order that is not answered in time is rejected, and what is held for it too late goes back."""

from contextlib import contextmanager
from datetime import datetime

import pytest

from tests.support.waiting import wait_until
from tests.system.support.agreement import require_agreement
from tests.system.support.crowd import at_once
from tests.system.support.market import INSTALLATIONS, empty_shop_as
from tests.system.support.shapes import funds

SECONDS = 1.0


@pytest.fixture(scope="module", params=INSTALLATIONS)
def market(request):
    """A shop whose orders wait for a second."""
    with empty_shop_as(request, SHOP_ORDER_TIMEOUT_SECONDS=str(SECONDS)) as shop:
        yield shop


@pytest.fixture(autouse=True)
def agreement(market):
    yield
    require_agreement(market)


@contextmanager
def paused(market, *services):
    """These services do not react to anything meanwhile."""
    for service in services:
        market.call(service, "pause")
    try:
        yield
    finally:
        for service in services:
            market.call(service, "resume")


def events(customer, order):
    return [entry["event"] for entry in customer.history(order)]


def test_an_order_whose_credit_is_never_answered_is_rejected_and_late_credit_goes_back(market):
    customer, product = market.new_customer(), market.as_manager().add_product(price="10.00", units=5)
    with paused(market, "customers"):
        order = customer.place_order({product["id"]: 2})
        rejected = customer.wait_for(order, "rejected")
        wait_until(lambda: customer.order(order)["stock"] == "released", "the release of the units")

        assert (rejected["reason"], rejected["credit"]) == (["timed_out"], "pending")
        assert customer.product(product["id"])["units_in_stock"] == 5

    ended = customer.wait_for_end(order)

    assert (ended["status"], ended["reason"], ended["credit"]) == ("rejected", ["timed_out"], "released")
    assert events(customer, order)[-2:] == ["CreditReserved", "CreditReleased"]
    assert funds(customer) == ("100.00", "0.00", "0.00")


def test_an_order_whose_units_are_never_answered_is_rejected_and_late_units_go_back(market):
    customer = market.new_customer()
    products = [market.as_manager().add_product(price="10.00", units=5) for _ in range(2)]
    with paused(market, "products"):
        order = customer.place_order({product["id"]: 1 for product in products})
        rejected = customer.wait_for(order, "rejected")
        wait_until(lambda: customer.order(order)["credit"] == "released", "the release of the credit")

        assert (rejected["reason"], rejected["stock"]) == (["timed_out"], "pending")
        assert funds(customer) == ("100.00", "0.00", "0.00")

    ended = customer.wait_for_end(order)

    assert (ended["status"], ended["stock"]) == ("rejected", "released")
    assert [customer.product(product["id"])["units_in_stock"] for product in products] == [5, 5]


def test_what_one_service_refused_is_among_the_reasons_when_the_other_does_not_answer(market):
    customer, product = market.new_customer(credit="5.00"), market.as_manager().add_product(price="10.00", units=5)
    with paused(market, "products"):
        order = customer.place_order({product["id"]: 1})

        rejected = customer.wait_for(order, "rejected")

    assert rejected["reason"] == ["insufficient_credit", "timed_out"]
    assert customer.wait_for_end(order)["stock"] == "released"


@pytest.mark.proof  # they are answered in time on a machine that is fast enough
def test_orders_that_are_answered_are_not_timed_out(market):
    customer, product = market.new_customer(), market.as_manager().add_product(price="1.00", units=100)
    orders = at_once([lambda: customer.place_order({product["id"]: 1})] * 20)
    ended = [customer.wait_for_end(order) for order in orders]
    assert {order["status"] for order in ended} == {"approved"}

    # One that does time out, placed after them, shows that they were old enough to.
    with paused(market, "customers"):
        customer.wait_for(customer.place_order({product["id"]: 1}), "rejected")

    assert [customer.order(order) for order in orders] == ended


def test_answers_that_wait_for_the_decision_beat_the_time_out(market):
    """The order stays undecided for longer than an order may take, but both answers are there."""
    customer, product = market.new_customer(), market.as_manager().add_product(price="1.00", units=100)
    with paused(market, "orders"):
        order = customer.place_order({product["id"]: 1})
        wait_until(lambda: {"StockReserved", "CreditReserved"} <= set(events(customer, order)), "both answers")
        other = market.new_customer()
        placed_at = customer.order(order)["placed_at"]
        wait_until(lambda: seconds_between(placed_at, other.place_order({product["id"]: 1})["placed_at"]) > SECONDS + 1)

    assert customer.wait_for_end(order)["status"] == "approved"


def seconds_between(earlier, later):

    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


@pytest.mark.proof  # as above
def test_an_order_can_be_cancelled_while_it_waits_and_late_answers_go_back(market):
    customer, product = market.new_customer(), market.as_manager().add_product(price="10.00", units=5)
    with paused(market, "customers", "products"):
        order = customer.place_order({product["id"]: 5})
        assert customer.cancel(order).status_code == 202

    ended = customer.wait_for_end(order)

    assert (ended["status"], ended["stock"], ended["credit"]) == ("cancelled", "released", "released")
    assert customer.product(product["id"])["units_in_stock"] == 5
    assert funds(customer) == ("100.00", "0.00", "0.00")


def test_an_order_under_way_when_the_shop_is_killed_ends_after_it_is_back(market):
    customer, product = market.new_customer(), market.as_manager().add_product(price="10.00", units=5)
    market.call("customers", "pause")
    order = customer.place_order({product["id"]: 1})
    wait_until(lambda: customer.order(order)["stock"] == "reserved", "the units")
    market.kill_9()
    market.restart()

    ended = customer.wait_for_end(order)

    # Whether the late answer or the time-out comes first is open; the effects are not.
    assert ended["status"] in ("approved", "rejected")
    held = {"approved": (4, ("90.00", "0.00", "10.00")), "rejected": (5, ("100.00", "0.00", "0.00"))}
    units = customer.product(product["id"])["units_in_stock"]
    assert (units, funds(customer)) == held[ended["status"]]
