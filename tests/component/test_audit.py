"""The audit of each service, on its own database: right as it is, and wrong when somebody changes something there."""

import sqlite3
from contextlib import closing
from uuid import uuid4

import pytest

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from shop.contracts.actors import Actor
from shop.contracts.errors import Forbidden, Unauthenticated
from shop.contracts.events import Role
from tests.component.customers.support.world import eur, new_name, register
from tests.component.products.support.world import add
from tests.component.support.order_world import VISITOR
from tests.component.support.running import audited, calling, configuration, running
from tests.support.waiting import LIMIT, wait_until

SERVICES = (EventStoreService, CustomersService, ProductsService, OrdersService, AccountingService)
NAMES = ("customers", "products", "orders", "accounting")
CHECKS = {
    "event_store": ["positions gapless, hash chain intact"],
    "customers": ["credit never negative", "money conserved", "read model of customers equals the log"],
    "products": ["stock never negative", "units conserved", "read model of products equals the log"],
    "orders": ["one decision per order", "no reservation left", "read model of orders equals the log"],
    "accounting": ["invoices gapless, one per approved order", "read model of accounting equals the log"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("audited")


@pytest.fixture(scope="module")
def config(folder):
    return configuration(folder)


@pytest.fixture(scope="module")
def cluster(config):
    """A shop in which everything has happened that shows in a read model."""
    with running(config, *SERVICES), calling(config) as cluster:
        for name in NAMES:
            wait_until(lambda name=name: getattr(cluster, name).status()["ready"])
        make_business(config, cluster)
        head = cluster.event_store.head()["head"]
        for name in NAMES:
            wait_until(lambda name=name: getattr(cluster, name).status()["position"] >= head)
        yield cluster


def make_business(config, cluster):
    buyer = register(cluster, new_name())["username"]
    cluster.customers.set_credit(buyer, eur(9000), "test")
    cluster.customers.edit_profile(
        buyer, {"address": {"street": "1 Lane", "city": "Bath", "postcode": "BA1", "country": "GB"}}
    )
    category = cluster.products.add_category("Tea")["id"]
    tea, rare, gone = (add(cluster, category, units=units) for units in (20, 1, 3))
    cluster.products.withdraw_product(gone["id"])
    cluster.products.remove_category(cluster.products.add_category("Empty")["id"])
    with calling(config, Actor(buyer, Role.CUSTOMER)) as customer:
        orders = [
            customer.orders.place_order([{"product_id": product["id"], "quantity": quantity}], key=uuid4().hex)
            for product, quantity in ((tea, 2), (tea, 3), (rare, 2), (tea, 9))
        ]
    shown = [settled(cluster, order) for order in orders]
    cluster.orders.ship_order(shown[0]["id"])
    cluster.orders.cancel_order(shown[1]["id"])
    wait_until(lambda: cluster.accounting.get_invoice(shown[1]["invoice"])["credited_by"])
    wait_until(lambda: cluster.orders.get_order(shown[1]["id"])["stock"] == "released")
    assert [order["status"] for order in shown] == ["approved", "approved", "rejected", "approved"]


def settled(cluster, order):
    def ended():
        found = cluster.orders.get_order(order["id"])
        return found if found["invoice"] or found["status"] == "rejected" else None

    return wait_until(ended)


def wrong(result):
    return {check["name"]: check["detail"] for check in result["checks"] if not check["ok"]}


class Tampering:
    """Changes rows behind the service's back, and puts them back."""

    def __init__(self, file):
        self.file = file

    def run(self, statement):
        with closing(sqlite3.connect(self.file, timeout=LIMIT)) as database, database:
            database.execute(statement)

    def __call__(self, table, statement):
        self.run(f"CREATE TABLE kept AS SELECT * FROM {table}")
        self.run(statement)

    def undo(self, table):
        self.run(f"DELETE FROM {table}")
        self.run(f"INSERT INTO {table} SELECT * FROM kept")
        self.run("DROP TABLE kept")


@pytest.mark.parametrize("name", CHECKS)
def test_a_shop_that_works_is_right(cluster, name):
    result = audited(cluster, name)

    assert wrong(result) == {}
    assert result["ok"]
    assert [check["name"] for check in result["checks"]] == CHECKS[name]
    assert result["position"] == cluster.event_store.head()["head"]


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("customers", ("r1_customers", "UPDATE r1_customers SET credit = credit + 1"), "shows another credit"),
        ("customers", ("r1_customers", "UPDATE r1_customers SET email = 'x', full_name = 'y'"), "email and full_name"),
        ("customers", ("r1_customers", "UPDATE r1_customers SET address = NULL"), "shows another address"),
        ("customers", ("r1_customers", "DELETE FROM r1_customers"), "customers ann-"),
        ("customers", ("r1_reservations", "UPDATE r1_reservations SET state = 'held'"), "shows another state"),
        ("customers", ("r1_reservations", "DELETE FROM r1_reservations WHERE state = 'released'"), "is missing"),
        ("products", ("r1_products", "UPDATE r1_products SET units = -1"), "shows another units"),
        ("products", ("r1_products", "UPDATE r1_products SET price = units, units = price"), "price and units"),
        ("products", ("r1_products", "DELETE FROM r1_products"), "is missing"),
        (
            "products",
            ("r1_categories", "INSERT INTO r1_categories (category_id, name, version) VALUES ('x', 'Extra', 1)"),
            "categories x should not be there",
        ),
        ("orders", ("r1_orders", "UPDATE r1_orders SET status = 'placed'"), "shows another status"),
        ("orders", ("r1_orders", "UPDATE r1_orders SET lines = '[]'"), "shows another lines"),
        ("orders", ("r1_orders", "UPDATE r1_orders SET stock = 'pending', credit = 'pending'"), "credit and stock"),
        ("orders", ("r1_orders", "UPDATE r1_orders SET invoice = NULL"), "shows another invoice"),
        ("accounting", ("r1_invoices", "UPDATE r1_invoices SET total = total + 1"), "shows another total"),
        ("accounting", ("r1_invoices", "UPDATE r1_invoices SET credited_by = NULL"), "shows another credited_by"),
        ("accounting", ("r1_credit_notes", "DELETE FROM r1_credit_notes"), "credit_notes C"),
    ],
)
def test_a_row_that_somebody_changed_is_found(cluster, folder, name, change, fault):
    tamper, (table, statement) = Tampering(folder / f"{name}.sqlite"), change
    tamper(table, statement)

    told = wrong(audited(cluster, name))
    tamper.undo(table)

    assert list(told) == [f"read model of {name} equals the log"]
    assert fault in told[f"read model of {name} equals the log"]
    assert wrong(audited(cluster, name)) == {}


def test_a_commit_that_somebody_changed_is_found(cluster, folder):
    tamper = Tampering(folder / "log.sqlite")
    doctored = "CAST(replace(CAST(body AS TEXT), '-1000', '-2000') AS BLOB)"
    tamper("log_commits", f"UPDATE log_commits SET body = {doctored} WHERE position = 2")

    told = wrong(audited(cluster, "event_store"))
    tamper.undo("log_commits")

    assert told == {CHECKS["event_store"][0]: "commit 2 was changed: its hash is another one"}
    assert wrong(audited(cluster, "event_store")) == {}


def test_rows_are_compared_while_orders_come_in(config, cluster):
    buyer = register(cluster, new_name())["username"]
    tea = add(cluster, cluster.products.add_category("Busy")["id"], units=100)
    with calling(config, Actor(buyer, Role.CUSTOMER)) as customer:
        orders = [
            customer.orders.place_order([{"product_id": tea["id"], "quantity": 1}], key=str(number))
            for number in range(30)
        ]
        results = [audited(cluster, name) for name in NAMES]
        for order in orders:
            settled(cluster, order)

    assert [wrong(result) for result in results] == [{}] * len(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("actor", "error"), [(VISITOR, Unauthenticated), (Actor("ann", Role.CUSTOMER), Forbidden)])
def test_only_managers_see_the_books(config, cluster, name, actor, error):
    with calling(config, actor) as shop, pytest.raises(error):
        getattr(shop, name).audit()
