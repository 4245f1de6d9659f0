"""A read model's database is lost while the service works: it heals by itself, and nothing is done twice."""

from collections.abc import Callable
from pathlib import Path

import eventlet
import pytest

from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from shop.contracts.errors import ServiceUnavailable, Unauthenticated
from shop.event_sourcing import projector
from shop.service.failpoints import Point
from tests.component.customers.support.world import answers, approve, log_in, new_name, place, register, sums
from tests.component.support.running import audited, calling, configuration, running
from tests.support.waiting import wait_until

PRICE = 100
ORDERS = 30
"""For each customer; all of them are covered by the credit."""


@pytest.fixture(params=["a deleted file", "a dropped schema", "a dropped table", "FLUSHALL"])
def loss(request) -> tuple[str, Callable[[], None]]:
    """The URL of a database, and what happens to it."""
    if request.param == "a deleted file":
        url = request.getfixturevalue("empty_sqlite")
        return url, lambda: delete(Path(url.removeprefix("sqlite:///")))
    if request.param == "FLUSHALL":
        server = request.getfixturevalue("own_redis")
        return server.empty_database(), server.client().flushall
    url, server = request.getfixturevalue("empty_postgresql"), request.getfixturevalue("postgresql")
    statements = {
        "a dropped schema": "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
        "a dropped table": "DROP TABLE r1_reservations",
    }
    return url, lambda: server.execute("emptied", statements[request.param])


def delete(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def trade(config, name) -> None:
    """Place orders and approve every second one, as fast as the event store takes them."""
    with calling(config) as cluster:
        for number in range(ORDERS):
            order_id = place(cluster, name, PRICE)
            if number % 2:
                wait_until(lambda number=number: len(answers(cluster, name)) > number)
                approve(cluster, name, order_id, PRICE)


def shows(cluster, name) -> tuple[int, int, int] | None:
    try:
        return sums(cluster, name)
    except ServiceUnavailable:
        return None


def test_a_database_that_is_lost_under_load_heals_equal_to_the_log_and_no_order_is_answered_twice(loss, tmp_path):
    url, lose = loss
    config = configuration(tmp_path)
    config["DB_URIS"]["customers:ReadModel"] = url
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        wait_until(lambda: cluster.customers.status()["ready"])
        names = [register(cluster, new_name())["username"] for _ in range(2)]
        token = log_in(cluster, names[0])
        trading = [eventlet.spawn(trade, config, name) for name in names]
        wait_until(lambda: len(answers(cluster, names[0])) > ORDERS / 4)

        lose()

        for one in trading:
            one.wait()
        for name in names:
            wait_until(lambda name=name: shows(cluster, name) == (10_000 - ORDERS * PRICE, 1_500, 1_500))
            assert answers(cluster, name) == ["CreditReserved"] * ORDERS
        assert audited(cluster, "customers")["ok"]
        assert cluster.event_store.dead_letters() == []
        can_go_on(cluster, names[0], token)


def can_go_on(cluster, name, token) -> None:
    """Sessions may be lost, and then they can be opened again."""
    try:
        assert cluster.customers.identify(token)["username"] == name
    except Unauthenticated:
        assert cluster.customers.identify(log_in(cluster, name))["username"] == name


def test_a_database_that_is_lost_while_nothing_happens_is_rebuilt_as_well(loss, tmp_path, monkeypatch):
    url, lose = loss
    passed = []
    monkeypatch.setattr(projector, "failpoint", lambda point, _: passed.append(point))
    config = configuration(tmp_path)
    config["DB_URIS"]["customers:ReadModel"] = url
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        wait_until(lambda: cluster.customers.status()["ready"])
        name = register(cluster, new_name())["username"]

        def is_rebuilt() -> bool:
            shows(cluster, name)  # that a table is missing is only noticed by those who look
            return Point.AFTER_SWITCH in passed

        passed.clear()
        lose()

        wait_until(is_rebuilt)
        wait_until(lambda: shows(cluster, name) == (10_000, 0, 0))
