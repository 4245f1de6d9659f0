"""Shops to test: one that all share, and others for tests that stop, kill or configure theirs."""

from collections.abc import Callable, Generator, Iterator
from itertools import count

import pytest

from tests.system.support.on_rabbitmq import OnRabbitMQ
from tests.system.support.shop_under_test import ShopUnderTest

LAST_LINES = 15
NUMBERS = count(1)
"""Of installations, whose databases have names: also where several conftests have these fixtures."""
STARTED = pytest.StashKey[list[ShopUnderTest]]()


@pytest.fixture(scope="session")
def shop(shop_in_one_process) -> ShopUnderTest:
    """The demo shop, shared by all tests that leave it running."""
    return shop_in_one_process


@pytest.fixture(scope="session")
def shop_in_one_process(request, tmp_path_factory) -> Iterator[ShopUnderTest]:
    shop = ShopUnderTest.in_one_process(tmp_path_factory.mktemp("shop") / "var").start()
    request.config.stash[STARTED] = [shop]
    yield shop
    assert shop.stop() == 0, shop.installation.output


@pytest.fixture(scope="session")
def shop_on_rabbitmq(on_rabbitmq) -> Iterator[ShopUnderTest]:
    """The same on RabbitMQ, with a process for each service."""
    with ShopUnderTest(on_rabbitmq()).running() as shop:
        yield shop


@pytest.fixture(scope="session")
def on_rabbitmq(rabbitmq_server, new_stores, tmp_path_factory) -> Callable[..., OnRabbitMQ]:
    """Makes installations that know nothing of each other, not started yet."""

    def make(env=None, **options) -> OnRabbitMQ:
        name = f"shop{next(NUMBERS)}"
        folder = tmp_path_factory.mktemp(name) / "var"
        return OnRabbitMQ(folder, rabbitmq_server.uri_of(name), env, stores=new_stores(name), **options)

    return make


@pytest.fixture(scope="session")
def new_stores(mongodb_server, postgresql, redis, couchdb) -> Callable[[str], dict[str, str]]:
    """Makes the databases of an installation, each service's real one, by the environment variable that names it.

    Products are in an SQLite file without being told.
    """

    def make(name: str) -> dict[str, str]:
        if not mongodb_server.is_running:
            mongodb_server.start()
        return {
            "LOG_URL": mongodb_server.url(name),
            "CUSTOMERS_DB_URI": redis.empty_database(),
            "ORDERS_DB_URI": postgresql.create_database(name),
            "ACCOUNTING_DB_URI": couchdb.url(name),
        }

    return make


@pytest.fixture
def make_shop(request, tmp_path) -> Iterator[Callable[..., ShopUnderTest]]:
    """Makes shops of a test's own, not started yet: `make_shop(env={"SHOP_ORDER_TIMEOUT_SECONDS": "1"}).start()`."""
    shops = request.node.stash[STARTED] = []

    def make(env=None, arguments=()) -> ShopUnderTest:
        folder = tmp_path / f"var{len(shops) or ''}"
        shops.append(ShopUnderTest.in_one_process(folder, env, arguments))
        return shops[-1]

    yield make
    for shop in shops:
        if shop.installation.is_running:
            shop.kill_9()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the shops of the test said last, and where all of it is."""
    report = yield
    if report.failed:
        given = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, ShopUnderTest)]
        shared = item.config.stash.get(STARTED, []) if "shop" in getattr(item, "fixturenames", ()) else []
        for shop in dict.fromkeys([*item.stash.get(STARTED, []), *given, *shared]):
            report.sections.append((f"shop on {shop.installation.folder}", _last_words(shop)))
    return report


def _last_words(shop: ShopUnderTest) -> str:
    log = shop.installation.log_file
    troubles = [line for line in _lines(log) if '"level":"info"' not in line]
    return "\n".join(["The output:", shop.installation.output, f"The last troubles in {log}:", *troubles[-LAST_LINES:]])


def _lines(log) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []
