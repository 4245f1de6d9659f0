"""The orders service on the real event store and the embedded broker; the other services are played by the tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shop.contracts.actors import Actor
from tests.component.orders.support.world import Ask, running_orders
from tests.component.support.order_world import ON_SALE, Customers, Products, customer
from tests.component.support.running import calling, configuration


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("orders"))


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, Any]:
    """For a test that needs a shop of its own."""
    return configuration(tmp_path)


@pytest.fixture(scope="module")
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    """One shop for all tests: each has customers of its own."""
    with running_orders(config, Products, Customers) as cluster:
        yield cluster


@pytest.fixture
def ask(config: dict[str, Any], cluster: Any) -> Ask:
    """Call the orders service as somebody: `ask(ada, "get_order", order_id)`."""

    def ask(actor: Actor, method: str, *args: Any, **kwargs: Any) -> Any:
        with calling(config, actor) as own:
            return getattr(own.orders, method)(*args, **kwargs)

    return ask


@pytest.fixture(autouse=True)
def full_catalogue() -> None:
    ON_SALE.reset()


@pytest.fixture
def ada() -> Actor:
    return customer("Ada")


@pytest.fixture
def bob() -> Actor:
    return customer("bob")
