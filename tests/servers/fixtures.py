"""The servers that tests share: one of each kind, started when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.servers.couchdb import CouchDB
from tests.servers.mongodb import MongoDB
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
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A shared server. A test that stops, kills or wipes one takes a server of its own."""
    Redis.require_installed()
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A server for one test."""
    Redis.require_installed()
    server = Redis(tmp_path)
    server.start()
    yield server
    server.close()


@pytest.fixture
def empty_redis(redis: Redis) -> str:
    """The URL of a database with nothing in it."""
    return redis.empty_database()


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/rows.sqlite"


@pytest.fixture(scope="session")
def postgresql_database(postgresql: PostgreSQL) -> str:
    """The URL of a database that tests empty for themselves."""
    return postgresql.create_database("emptied", language="en")


@pytest.fixture
def empty_postgresql(postgresql: PostgreSQL, postgresql_database: str) -> str:
    postgresql.execute("emptied", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return postgresql_database


@pytest.fixture(scope="session")
def mongodb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoDB]:
    """For whoever stops and kills it."""
    MongoDB.require_installed()
    server = MongoDB(tmp_path_factory.mktemp("mongodb"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def mongodb(mongodb_server: MongoDB) -> MongoDB:
    """A server that runs."""
    if not mongodb_server.is_running:
        mongodb_server.start()
    return mongodb_server


@pytest.fixture(scope="session")
def couchdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CouchDB]:
    """A server that speaks its HTTP API."""
    CouchDB.require_installed()
    server = CouchDB(tmp_path_factory.mktemp("couchdb"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def empty_couchdb(couchdb: CouchDB) -> Iterator[str]:
    """A URL whose databases are yet to be made. They are deleted in the end."""
    prefix = f"tests-{uuid4().hex}"
    yield couchdb.url(prefix)
    couchdb.delete(prefix)
