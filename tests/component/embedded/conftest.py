"""An embedded broker for each test, and kombu's way to it."""

from collections.abc import Iterator

import pytest
from kombu import Connection

from shop.messaging.embedded.channel import EmbeddedChannel
from tests.component.embedded.support.services import client, fresh_uri


@pytest.fixture
def uri() -> str:
    return fresh_uri()


@pytest.fixture
def connection(uri: str) -> Iterator[Connection]:
    with client(uri) as connection:
        yield connection


@pytest.fixture
def channel(connection: Connection) -> EmbeddedChannel:
    return connection.default_channel
