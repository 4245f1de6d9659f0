"""The servers that tests share: one of each kind, started when the first test asks for it."""

from collections.abc import Iterator

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import Redis
from tests.servers.wire import Wire


@pytest.fixture(scope="session")
def rabbitmq_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """For whoever stops and kills it. Such tests start it again."""
    RabbitMQ.require_installed()
    server = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def rabbitmq(rabbitmq_server: RabbitMQ) -> RabbitMQ:
    """A broker that runs."""
    if not rabbitmq_server.is_running:
        rabbitmq_server.start()
    return rabbitmq_server


@pytest.fixture
def wire(rabbitmq: RabbitMQ) -> Iterator[Wire]:
    """A way to the broker that can be cut and held."""
    wire = Wire(rabbitmq.port)
    yield wire
    wire.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    PostgreSQL.require_installed()
    server = PostgreSQL()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """For whoever stops and kills it. Such tests start it again."""
    Redis.require_installed()
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """Of a database with nothing in it."""
    if not redis_server.is_running:
        redis_server.start()
    return redis_server.empty_database()
