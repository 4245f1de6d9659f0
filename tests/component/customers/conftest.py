"""A shop of two services for the tests of customers; each test has customers of its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from tests.component.customers.support.world import new_name, register
from tests.component.support.running import calling, configuration, running
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("customers"))


@pytest.fixture(scope="module")
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        wait_until(lambda: cluster.customers.status()["ready"])
        yield cluster


@pytest.fixture
def ann(cluster: Any) -> str:
    return register(cluster, new_name())["username"]
