"""Aggregates as they were: customers, categories, products, stock and orders, by their own rules."""

from datetime import datetime, timedelta

import pytest

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from shop.contracts.actors import Actor
from shop.contracts.codec import dump_time
from shop.contracts.errors import Forbidden, InvalidRequest, Unauthenticated, UnknownStream
from shop.contracts.events import Role
from tests.component.customers.support.world import eur, new_name, register
from tests.component.products.support.world import add
from tests.component.support.order_world import VISITOR
from tests.component.support.running import calling, configuration, running
from tests.support.waiting import wait_until

SERVICES = (EventStoreService, CustomersService, ProductsService, OrdersService, AccountingService)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return configuration(tmp_path_factory.mktemp("past"))


@pytest.fixture(scope="module")
def cluster(config):
    with running(config, *SERVICES), calling(config) as cluster:
        for service in (cluster.customers, cluster.products, cluster.orders, cluster.accounting):
            wait_until(lambda service=service: service.status()["ready"])
        yield cluster


@pytest.fixture(scope="module")
def order(config, cluster):
    """An order of two units, approved and invoiced."""
    buyer = register(cluster, new_name())["username"]
    product = add(cluster, cluster.products.add_category("Tea")["id"], units=5)
    with calling(config, Actor(buyer, Role.CUSTOMER)) as shop:
        placed = shop.orders.place_order([{"product_id": product["id"], "quantity": 2}], key="k")
    return wait_until(lambda: found if (found := cluster.orders.get_order(placed["id"]))["invoice"] else None)


def credits_at(cluster, stream, **moment):
    state = cluster.customers.state_at(stream, **moment)["state"]
    return state and state["credit"]["amount"]


def test_a_customer_is_as_they_were_at_every_version(cluster):
    name = register(cluster, new_name())["username"]
    for amount in (500, 700):
        cluster.customers.set_credit(name, eur(amount), "test")

    assert [credits_at(cluster, f"customer-{name}", version=n) for n in range(4)] == [None, 10_000, 500, 700]
    assert credits_at(cluster, f"customer-{name}") == 700


def test_a_state_says_of_which_version_and_time_it_is(cluster):
    name = register(cluster, new_name())["username"]
    cluster.customers.set_credit(name, eur(500), "test")
    stream = f"customer-{name}"
    events = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]

    told = [cluster.customers.state_at(stream, version=n) for n in (0, 1)]

    assert [(one["stream"], one["version"], one["last_version"], one["at"]) for one in told] == [
        (stream, 0, 2, None),
        (stream, 1, 2, events[0]["at"]),
    ]


def test_a_customer_is_as_they_were_at_every_time(cluster):
    name = register(cluster, new_name())["username"]
    stream = f"customer-{name}"
    (registered,) = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]
    before = datetime.fromisoformat(registered["at"]) - timedelta(milliseconds=1)

    assert credits_at(cluster, stream, at=registered["at"]) == 10_000
    assert cluster.customers.state_at(stream, at=dump_time(before)) == {
        "stream": stream, "version": 0, "last_version": 1, "at": None, "state": None, "before": None
    }  # fmt: skip


def test_what_orders_have_taken_is_part_of_a_customers_state(cluster, order):
    state = cluster.customers.state_at(f"customer-{order['customer']}")["state"]

    assert state["reserved"] == order["total"]


def test_a_product_and_its_order_are_as_the_log_says(cluster, order):
    product = f"product-{order['lines'][0]['product_id']}"
    units = [cluster.products.state_at(product, version=n)["state"]["units"] for n in (1, 2)]
    held = cluster.products.state_at(f"stock-{order['id']}")["state"]["held"]
    statuses = [cluster.orders.state_at(f"order-{order['id']}", version=n)["state"]["status"] for n in (1, 2)]

    assert units == [5, 3]
    assert held == [{"product_id": order["lines"][0]["product_id"], "quantity": 2}]
    assert statuses == ["placed", "approved"]


def test_a_removed_category_has_no_state_any_more(cluster):
    category = cluster.products.add_category("Gone")["id"]
    cluster.products.remove_category(category)

    assert cluster.products.state_at(f"category-{category}", version=1)["state"]["name"] == "Gone"
    assert cluster.products.state_at(f"category-{category}")["state"] is None


def test_a_year_of_invoices_is_how_many_there_were(cluster, order):
    assert cluster.accounting.state_at(f"invoices-{order['invoice'][:4]}")["state"] == {"issued": 1}


@pytest.mark.parametrize("stream", ["customer-nobody", "product-1", "credential-ann", "", None, 5])
def test_what_has_no_state_is_unknown(cluster, stream):
    with pytest.raises(UnknownStream):
        cluster.customers.state_at(stream)


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("version", {"version": 2}),
        ("version", {"version": -1}),
        ("version", {"version": "1"}),
        ("at", {"at": "yesterday"}),
        ("at", {"at": "2026-11-23T09:30:00"}),
        ("at", {"at": 5}),
        ("at", {"at": "2026-11-23T09:30:00Z", "version": 1}),
    ],
)
def test_a_moment_that_makes_no_sense_is_refused_by_name(cluster, field, moment):
    name = register(cluster, new_name())["username"]

    with pytest.raises(InvalidRequest) as refusal:
        cluster.customers.state_at(f"customer-{name}", **moment)

    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize(("actor", "error"), [(VISITOR, Unauthenticated), (Actor("ann", Role.CUSTOMER), Forbidden)])
def test_only_managers_travel_in_time(config, cluster, actor, error):
    name = register(cluster, new_name())["username"]

    with calling(config, actor) as shop, pytest.raises(error):
        shop.customers.state_at(f"customer-{name}")
