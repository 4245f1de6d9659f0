"""An event store whose database is away when it starts."""

import pytest

from event_store_svc import patience
from event_store_svc.mongodb.database import TIME_OUTS
from event_store_svc.service import EventStoreService
from shop.contracts.errors import ServiceUnavailable
from tests.component.support.running import calling, configuration, running
from tests.contract.support.log_builders import commit
from tests.servers.mongodb import MongoDB
from tests.servers.postgresql import PostgreSQL
from tests.support.waiting import SOON, wait_until


@pytest.fixture
def postgresql_that_is_away():
    PostgreSQL.require_installed()
    server = PostgreSQL()
    yield server, server.url()
    server.close()


@pytest.fixture
def mongodb_that_is_away(tmp_path):
    MongoDB.require_installed()
    server = MongoDB(tmp_path)
    yield server, server.url("log")
    server.close()


@pytest.fixture(params=["postgresql", "mongodb"])
def away(request):
    """A server that does not run, and its URL."""
    return request.getfixturevalue(f"{request.param}_that_is_away")


def test_a_service_starts_without_its_database_says_so_and_serves_when_it_comes_up(away, tmp_path, capsys, monkeypatch):
    server, url = away
    # Longer than it takes to see why, and each try says so again.
    monkeypatch.setattr(patience, "PATIENCE", 10 * SOON)
    monkeypatch.setitem(TIME_OUTS, "serverSelectionTimeoutMS", 10)
    config, lines = configuration(tmp_path, LOG_URL=url), []

    def said():
        lines.append(capsys.readouterr().out)
        return "".join(lines)

    with running(config, EventStoreService), calling(config) as services:
        with pytest.raises(ServiceUnavailable):
            services.event_store.append(commit())
        with pytest.raises(ServiceUnavailable):
            services.event_store.head()
        wait_until(lambda: "refused" in said().lower(), "the reason")
        monkeypatch.undo()
        server.start()
        wait_until(lambda: is_open(services))

        assert "The database of LOG_URL cannot be reached: " in said()
        assert services.event_store.append(commit())["commit"]["position"] == 1


def test_a_service_whose_database_never_comes_up_stops_all_the_same(away, tmp_path, monkeypatch):
    _, url = away
    monkeypatch.setattr(patience, "PATIENCE", SOON)

    with running(configuration(tmp_path, LOG_URL=url), EventStoreService):
        pass


def is_open(services):
    try:
        return services.event_store.head()
    except ServiceUnavailable:
        return False
