"""A service's database is the one that its URL names; where that is wrong or away, one sentence says so."""

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from shop.contracts.errors import ServiceUnavailable
from shop.read_models import redis
from shop.read_models.redis import RedisReadModel
from shop.read_models.sql import SqlReadModel, SqlRows
from shop.read_models.stores import Adapter, ReadModelStore
from shop.service.settings import ConfigError


class NoRows(SqlRows):
    pass


class Elsewhere(Adapter):
    schemes = ("elsewhere",)
    was_away = 0

    def open(self):
        pass

    def namespaces(self):
        self.was_away += 1
        raise self.unavailable("Connection refused\nby somebody")


class Container(SimpleNamespace):
    """Stands for Nameko's; it has to outlive what is bound to it."""


def container_for(url):
    uris = {"notes:ReadModel": url} if url is not None else {}
    return Container(service_name="notes", max_workers=2, config={"DB_URIS": uris})


def bound(container):
    adapters = (SqlReadModel(NoRows), RedisReadModel(redis.RedisRows), Elsewhere())
    return ReadModelStore(*adapters).bind(container, "store")


@pytest.mark.parametrize(
    ("url", "adapter"),
    [
        ("sqlite:///notes.db", SqlReadModel),
        ("postgresql://shop@localhost/notes", SqlReadModel),
        ("postgresql+psycopg2://shop@localhost/notes", SqlReadModel),
        ("redis://localhost:6379/3", RedisReadModel),
        ("rediss://shop:secret@localhost", RedisReadModel),
        ("elsewhere://localhost", Elsewhere),
    ],
)
def test_the_url_says_which_database_it_is(url, adapter):
    container = container_for(url)

    found = bound(container)

    assert type(found) is adapter
    assert (found.url, found.attr_name) == (url, "store")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (None, "DB_URIS / notes:ReadModel is missing in the configuration."),
        (
            "mysql://root:secret@localhost/notes",
            "DB_URIS / notes:ReadModel must be a URL that begins with sqlite:// or postgresql:// or redis://",
        ),
        ("redis://:secret@localhost:70000", "DB_URIS / notes:ReadModel cannot be used: Port out of range 0-65535."),
        ("redis://localhost?patience=3", "DB_URIS / notes:ReadModel cannot be used: "),
        (
            "postgresql:notes",
            "DB_URIS / notes:ReadModel cannot be used: Could not parse SQLAlchemy URL from given URL string.",
        ),
        ("postgresql+nobody://localhost/notes", "DB_URIS / notes:ReadModel cannot be used: Can't load plugin"),
    ],
)
def test_a_url_that_can_never_work_ends_the_start_with_one_sentence_that_names_its_key(url, sentence):
    container = container_for(url)

    with pytest.raises(ConfigError) as refused:
        bound(container)

    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_service_starts_while_its_database_is_away_and_says_so_now_and_then():
    container = container_for("elsewhere://localhost")
    model = bound(container)

    with capture_logs() as logs:
        model.setup()
        with pytest.raises(ServiceUnavailable):
            model.namespaces()

    assert model.was_away == 2
    assert [line["event"] for line in logs] == [
        "The database of DB_URIS / notes:ReadModel cannot be reached: Connection refused. Trying again."
    ]


def test_a_postgresql_without_a_driver_in_its_url_gets_one_that_lets_others_run():
    container = container_for("postgresql://shop@localhost:1/notes")

    model = bound(container)

    assert model.engine.dialect.driver == "psycopg2"
    model.stop()
