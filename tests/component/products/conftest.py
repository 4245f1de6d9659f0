"""A shop of two services for the tests of products; each test looks at its own categories only."""

from collections.abc import Iterator
from typing import Any

import pytest

from event_store_svc.service import EventStoreService
from product_svc.service import ProductsService
from tests.component.support.running import calling, configuration, running
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("products"))


@pytest.fixture(scope="module")
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    with running(config, EventStoreService, ProductsService), calling(config) as cluster:
        wait_until(lambda: cluster.products.status()["ready"])
        yield cluster


@pytest.fixture
def drinks(cluster: Any) -> str:
    return cluster.products.add_category("Drinks")["id"]
