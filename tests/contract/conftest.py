"""Databases that the conformance suites of read models run on, each with nothing in it.

A new kind of database joins by a fixture for its URL here, and an adapter in each suite.
"""

import psycopg2
import pytest

from tests.servers.postgresql import PostgreSQL


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def read_model_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/rows.sqlite"


@pytest.fixture(scope="session")
def postgresql_database(postgresql: PostgreSQL) -> str:
    return postgresql.create_database("read_models")


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL, postgresql_database: str) -> str:
    connection = psycopg2.connect(host="127.0.0.1", port=postgresql.port, user="postgres", dbname="read_models")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    return postgresql_database
