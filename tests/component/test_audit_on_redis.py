"""The audit of customers in Redis: right while the shop goes on, and wrong when somebody changes something there."""

import json

import eventlet
import pytest

from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from tests.component.customers.support.world import answers, place, register
from tests.component.support.running import audited, calling, configuration, running
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def url(redis):
    return redis.empty_database()


@pytest.fixture(scope="module")
def config(url, tmp_path_factory):
    config = configuration(tmp_path_factory.mktemp("audited"))
    config["DB_URIS"]["customers:ReadModel"] = url
    return config


@pytest.fixture(scope="module")
def cluster(config):
    """A shop with two customers, one of whom has ordered something."""
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        wait_until(lambda: cluster.customers.status()["ready"])
        for name in ("ann", "bob"):
            register(cluster, name)
        place(cluster, "ann", 500)
        wait_until(lambda: answers(cluster, "ann"))
        yield cluster


def is_quiet(cluster):
    """Whether everything is shown, and has been reacted to."""
    status, head = cluster.customers.status(), cluster.event_store.head()["head"]
    return status["position"] == status["reacted"] == head


@pytest.fixture
def client(redis, url, cluster):
    """Another client of a database in which nothing happens."""
    wait_until(lambda: is_quiet(cluster))
    with redis.client(int(url.rpartition("/")[2])) as client:
        yield client


def read_model_check(result):
    (check,) = (check for check in result["checks"] if check["name"] == "read model of customers equals the log")
    return check


def test_a_read_model_that_goes_on_while_it_is_audited_is_right(config, cluster):
    def buy():
        with calling(config) as buying:
            for _ in range(80):
                place(buying, "bob", 100)

    buyer = eventlet.spawn(buy)
    results = []
    while not buyer.dead:
        results.append(audited(cluster, "customers"))
    buyer.wait()

    assert [check for result in results for check in result["checks"] if not check["ok"]] == []
    assert len({result["position"] for result in results}) > 1


@pytest.mark.parametrize(
    ("table", "change", "fault"),
    [
        ("customers", {"credit": 1}, "customers ann shows another credit"),
        ("taken", {"held": 400}, "taken ann shows another held"),
        ("taken", {"spent": 100}, "taken ann shows another spent"),
        ("reservations", {"state": "spent"}, "shows another state"),
    ],
)
def test_a_row_that_somebody_has_changed_is_found(cluster, client, table, change, fault):
    rows = client.hgetall(f"customers:r1:{table}")
    key = next(key for key, row in rows.items() if key == "ann" or '"customer_key":"ann"' in row)
    client.hset(f"customers:r1:{table}", key, json.dumps(json.loads(rows[key]) | change))

    check = read_model_check(audited(cluster, "customers"))
    client.hset(f"customers:r1:{table}", key, rows[key])

    assert not check["ok"]
    assert fault in check["detail"]


def test_a_row_that_is_missing_is_found(cluster, client):
    row = client.hget("customers:r1:customers", "bob")
    client.hdel("customers:r1:customers", "bob")

    check = read_model_check(audited(cluster, "customers"))
    client.hset("customers:r1:customers", "bob", row)

    assert check["detail"].startswith("customers bob is missing")


def test_a_name_that_is_missing_in_the_order_is_found(cluster, client):
    client.zrem("customers:r1:names", "bob")

    check = read_model_check(audited(cluster, "customers"))
    client.zadd("customers:r1:names", {"bob": 0})

    assert check["detail"].startswith("names bob is missing")


def test_a_row_that_should_not_be_there_is_found(cluster, client):
    client.hset("customers:r1:reservations", "an order", "{}")

    check = read_model_check(audited(cluster, "customers"))
    client.hdel("customers:r1:reservations", "an order")

    assert check["detail"].startswith("reservations an order should not be there")
