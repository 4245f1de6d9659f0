"""Shops that `shop up` runs: one with two processes of each service that tests share, and others of a test's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shop.service.registry import MODULES
from tests.servers.rabbitmq import RabbitMQ
from tests.support.waiting import wait_until
from tests.system.support.many_processes import ManyProcesses
from tests.system.support.readiness import is_ready

SERVICES = {service.value for service in MODULES}
WEBSITES = {"storefront", "back-office"}
NAMES = SERVICES | WEBSITES
NUMBERED = {f"{service}.{number}" for service in SERVICES for number in (1, 2)} | WEBSITES


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[RabbitMQ]:
    """A broker for one shop at a time."""
    with running_broker(tmp_path_factory.mktemp("rabbitmq")) as broker:
        yield broker


@contextmanager
def running_broker(folder: Path) -> Iterator[RabbitMQ]:
    RabbitMQ.require_installed()
    broker = RabbitMQ(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.close()


@pytest.fixture
def make_up(broker, tmp_path) -> Iterator[Callable[..., ManyProcesses]]:
    """Makes shops, not started yet; ends what is left of them."""
    shops = []

    def make(*arguments, uri=broker.uri, env=None):
        shops.append(ManyProcesses(tmp_path / f"var{len(shops) or ''}", uri, env, arguments))
        return shops[-1]

    yield make
    for shop in shops:
        if shop.is_running:
            shop.kill_9()
        print(shop.output)  # noqa: T201 - shown where the test failed


@pytest.fixture(scope="module")
def demo_up(tmp_path_factory) -> Iterator[ManyProcesses]:
    """A shop with the demo, two processes of each service, and a broker of its own, that no test stops."""
    folder = tmp_path_factory.mktemp("demo")
    with running_broker(folder / "rabbitmq") as broker:
        shop = ManyProcesses(folder / "var", broker.uri, arguments=["--demo", "--processes=2"])
        shop.start()
        yield shop
        shop.stop()


@pytest.fixture
def well(demo_up) -> ManyProcesses:
    """The demo shop when all of it works; the test before may have harmed it."""
    wait_until(lambda: set(demo_up.processes) == NUMBERED and is_ready(demo_up.url), "the demo shop")
    return demo_up
