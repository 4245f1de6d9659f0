"""A log in SQL that an earlier version made: it is brought to today's tables when it is opened."""

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text

from event_store_svc.sql import upgrading
from shop.contracts.errors import CommandReused, WrongExpectedVersion
from tests.contract.support.earlier_logs import AS_IT_WAS
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_databases import on_postgresql, on_sqlite

IDS = ["place:order", "stock:order", "client:ann:add_product:key", "plain", ":", "last:"]
OLD_ID = text("UPDATE log_commits SET command_id = :id WHERE position = :at")


@pytest.fixture(params=[on_sqlite, on_postgresql])
def database(request):
    return request.param(request)


@pytest.fixture
def sent(database):
    """The commits of an old log: each has an event in one stream."""
    commits = [commit({"stream": n}, command_id=command_id, fingerprint="f") for n, command_id in enumerate(IDS)]
    with running_log(database.store()) as log:
        log.append_many(commits)
    with connected(database) as connection:
        for statement in AS_IT_WAS:
            connection.execute(text(statement))
        connection.execute(OLD_ID, [{"id": command_id, "at": at} for at, command_id in enumerate(IDS, 1)])
    return commits


def connected(database):
    return create_engine(database.url, poolclass=NullPool).begin()


def is_old(database):
    with connected(database) as connection:
        return inspect(connection).has_table("log_streams")


def test_what_was_done_is_not_done_again(database, sent):
    with running_log(database.store()) as log:
        answers = log.append_many(sent)["outcomes"]
        found = log.find(IDS)
        with pytest.raises(CommandReused):
            log.append({**sent[0], "fingerprint": "another"})

    assert [answer["duplicate"] for answer in answers] == [True] * len(IDS)
    assert {command_id: kept["position"] for command_id, kept in found.items()} == {
        command_id: at for at, command_id in enumerate(IDS, 1)
    }


def test_streams_go_on_where_they_were(database, sent):
    with running_log(database.store()) as log:
        with pytest.raises(WrongExpectedVersion):
            log.append(commit({"stream": len(IDS) - 1}))
        kept = log.append(commit({"stream": len(IDS)}))["commit"]

    assert kept["events"][0]["version"] == len(IDS) + 1


def test_it_is_done_once(database, sent):
    for _ in range(2):
        with running_log(database.store()) as log:
            assert len(log.find(IDS)) == len(IDS)

    assert not is_old(database)


def test_an_event_store_of_the_earlier_version_that_starts_once_more_does_no_harm(database, sent):
    with running_log(database.store()):
        pass
    with connected(database) as connection:
        connection.execute(text(AS_IT_WAS[1]))

    with running_log(database.store()) as log:
        assert len(log.find(IDS)) == len(IDS)
        assert log.append(commit({"stream": len(IDS)}))["commit"]["position"] == len(IDS) + 1


@pytest.mark.parametrize("database", [on_postgresql], indirect=True)
def test_two_processes_that_start_at_once_do_it_once(database, sent, monkeypatch):
    look = upgrading.inspect

    def overtaken(connection):
        monkeypatch.setattr(upgrading, "inspect", look)
        found = look(connection)
        assert "command_id" in {column["name"] for column in found.get_columns("log_commits")}  # and remembers it
        with running_log(database.store()):
            return found

    monkeypatch.setattr(upgrading, "inspect", overtaken)
    with running_log(database.store()) as log:
        assert len(log.find(IDS)) == len(IDS)


def test_commands_of_one_order_are_neighbours_in_the_index(database):
    with running_log(database.store()) as log:
        log.append_many([commit(command_id=f"{kind}:{order}") for kind in ("place", "stock") for order in "ab"])

    with connected(database) as connection:
        rows = connection.execute(text("SELECT position FROM log_commits ORDER BY command_key"))
        assert [row.position for row in rows] == [1, 3, 2, 4]
