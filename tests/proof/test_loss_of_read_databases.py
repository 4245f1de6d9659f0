"""Each read database is lost while people order, with every service on the database that it is made for.

The losses: everything in Redis, the products' SQLite file, the orders' database in PostgreSQL, and accounting's
databases in CouchDB. The log in MongoDB stays, and everything is made of it again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from shop.contracts.errors import ServiceUnavailable
from tests.proof.support.buyers import Buyers
from tests.proof.support.limits import wait_within
from tests.system.support.agreement import require_agreement
from tests.system.support.market import FIRST_MANAGER
from tests.system.support.on_rabbitmq import OnRabbitMQ
from tests.system.support.shop_under_test import ShopUnderTest

NAME = "losing"
"""Of the shop, where databases have names."""
SECONDS_TO_HEAL = 60


@pytest.fixture(scope="module")
def stores(new_stores):
    return new_stores(NAME)


@pytest.fixture(scope="module")
def market(rabbitmq_server, stores, tmp_path_factory) -> Iterator[ShopUnderTest]:
    """Empty but for a manager."""
    folder = tmp_path_factory.mktemp(NAME) / "var"
    env = FIRST_MANAGER | {"SHOP_LOG_IN_TRIES": "1000"}
    installation = OnRabbitMQ(folder, rabbitmq_server.uri_of(NAME), env, stores=stores, demo=False)
    with ShopUnderTest(installation).running() as shop:
        yield shop


@dataclass(frozen=True)
class Loss:
    """How a service's database is lost, and how one sees that there is something again."""

    lose: Callable[[], None]
    is_back: Callable[[], object]


@pytest.fixture(scope="module")
def losses(market, stores, postgresql, couchdb) -> Iterator[dict[str, Loss]]:
    """By service."""
    redis = Redis.from_url(stores["CUSTOMERS_DB_URI"])
    folder: Path = market.installation.folder.path

    def delete_file():
        for file in folder.glob("products.db*"):
            file.unlink()

    def drop_database():
        postgresql.execute("postgres", f'DROP DATABASE "{NAME}" WITH (FORCE)')
        postgresql.create_database(NAME)

    yield {
        "customers": Loss(redis.flushdb, redis.dbsize),
        "products": Loss(delete_file, (folder / "products.db").exists),
        "orders": Loss(drop_database, lambda: postgresql.has_table(NAME, "read_models")),
        "accounting": Loss(lambda: couchdb.delete(NAME), lambda: couchdb.databases(NAME)),
    }
    redis.close()


def wait_until_healed(market, service, loss) -> None:
    head = market.call("event_store", "head")["head"]
    wait_within(SECONDS_TO_HEAL, loss.is_back, f"a database of {service}")
    wait_within(SECONDS_TO_HEAL, lambda: shows(market, service, head), f"the read model of {service}")


def shows(market, service, position) -> bool:
    """Whether the service has a read model that shows the log up to there."""
    try:
        status = market.call(service, "status")
    except ServiceUnavailable:
        return False
    return status["ready"] and status["position"] >= position


def everything_shown(market):
    """Everything there is, as a manager is told of it."""
    manager, told = market.as_manager(), {}
    for path in ("/v1/products", "/v1/customers", "/v1/orders", "/v1/invoices"):
        told[path] = manager.read_all(path, limit=100)
    return told | {"revenue": manager.read("/v1/revenue")}


def require_no_dead_letters_and_a_right_audit(market) -> None:
    assert market.call("event_store", "dead_letters") == []
    told = market.as_manager().read("/v1/audit")
    assert [check for check in told["checks"] if not check["ok"]] == []


def test_what_is_lost_under_load_comes_back_and_nothing_happens_twice(market, losses):
    buyers = Buyers(market, 3, units=500, credit="100.00", patience=SECONDS_TO_HEAL)

    with buyers.shopping():
        for service, loss in losses.items():
            buyers.wait_for_orders(1, SECONDS_TO_HEAL)
            loss.lose()
            wait_until_healed(market, service, loss)
        buyers.wait_for_orders(1, SECONDS_TO_HEAL)
    market.forget_sessions()

    books = require_agreement(market)
    assert sorted(books.stories) == sorted(buyers.accepted), "each key is one order, and there are no others"
    require_no_dead_letters_and_a_right_audit(market)


def test_all_of_them_at_once_come_back_equal_to_before(market, losses):
    (buyer,) = Buyers(market, 1, units=10, credit="100.00").all
    buyer.place("a-key", {buyer.products[0]: 1})
    require_agreement(market)
    before, head = everything_shown(market), market.call("event_store", "head")

    for loss in losses.values():
        loss.lose()
    for service, loss in losses.items():
        wait_until_healed(market, service, loss)
    market.forget_sessions()

    assert everything_shown(market) == before
    assert market.call("event_store", "head") == head
    require_no_dead_letters_and_a_right_audit(market)
