"""Particulars of read models on SQL: SQLite's lock, and servers that are away, start again or do not answer."""

import eventlet
import pytest
from sqlalchemy import Column, Integer, Table, create_engine, inspect
from sqlalchemy.exc import IntegrityError

from shop.contracts.errors import ServiceUnavailable
from shop.read_models.sql import SqlReadModel, SqlRows
from tests.component.support.running import turns_during
from tests.contract.support.opening import opened
from tests.servers.wire import Wire
from tests.support.waiting import SOON, let_others_run


class NotesRows(SqlRows):
    @classmethod
    def tables(cls, metadata, prefix):
        return {"notes": Table(prefix + "notes", metadata, Column("id", Integer, primary_key=True))}

    @classmethod
    def permanent_tables(cls, metadata):
        return {"sessions": Table("sessions", metadata, Column("token", Integer, primary_key=True))}


@pytest.fixture
def model(empty_sqlite):
    model = opened(empty_sqlite, SqlReadModel(NotesRows))
    yield model
    model.stop()


@pytest.fixture
def way(postgresql):
    """A way to PostgreSQL that can be cut and held."""
    way = Wire(postgresql.port)
    yield way
    way.close()


@pytest.fixture
def far_model(postgresql, empty_postgresql, way):
    """A read model at the end of that way."""
    url = empty_postgresql.replace(f":{postgresql.port}/", f":{way.port}/")
    model = opened(url, SqlReadModel(NotesRows))
    yield model
    model.stop()


@pytest.fixture
def locked(model, empty_sqlite):
    """The lock that another process holds while it writes."""
    engine = create_engine(empty_sqlite, isolation_level="AUTOCOMMIT")
    with engine.connect() as blocker:
        blocker.exec_driver_sql("BEGIN IMMEDIATE")
        yield blocker
    engine.dispose()


def test_a_dropped_one_leaves_no_tables(model, empty_sqlite):
    first, second = model.create("log"), model.create("log")
    model.switch(second)

    model.drop(first)

    names = inspect(model.engine).get_table_names()
    assert sorted(names) == ["r2_notes", "read_model_trial", "read_models", "sessions"]


def test_a_locked_database_is_waited_for_while_others_run(model, locked):
    def unlock():
        let_others_run(5)
        locked.exec_driver_sql("COMMIT")

    eventlet.spawn(unlock)

    assert model.create("log").number == 1


def test_a_database_that_stays_locked_is_unavailable(model, locked, monkeypatch):
    monkeypatch.setattr("shop.database.engines.SECONDS_FOR_A_LOCK", SOON)

    with pytest.raises(ServiceUnavailable):
        model.create("log")

    monkeypatch.undo()
    locked.exec_driver_sql("COMMIT")
    assert model.create("log").number == 1


def test_a_server_that_is_away_at_the_start_is_used_when_it_is_there(postgresql, empty_postgresql, way):
    way.cut()
    model = opened(empty_postgresql.replace(f":{postgresql.port}/", f":{way.port}/"), SqlReadModel(NotesRows))
    with pytest.raises(ServiceUnavailable):
        model.namespaces()

    way.mend()

    assert model.create("log").number == 1
    model.stop()


def test_a_server_that_was_started_again_meanwhile_is_not_noticed(far_model, way):
    far_model.create("log")
    way.cut()
    way.mend()

    assert [namespace.number for namespace in far_model.namespaces()] == [1]
    assert far_model.create("log").number == 2


def test_a_server_that_does_not_answer_is_given_up_and_others_run_meanwhile(far_model, way, monkeypatch):
    far_model.create("log")
    way.hold()
    monkeypatch.setattr("shop.database.engines.SECONDS_TO_ANSWER", SOON)

    def ask():
        with pytest.raises(ServiceUnavailable):
            far_model.create("log")

    assert turns_during(ask)

    monkeypatch.undo()
    way.mend()
    assert [namespace.number for namespace in far_model.namespaces()] == [1]


def test_processes_that_meet_an_empty_database_at_the_same_time_do_not_hinder_each_other(empty_postgresql):
    def begin(_):
        model = opened(empty_postgresql, SqlReadModel(NotesRows))
        model.stop()
        return model.namespaces()

    assert list(eventlet.GreenPool().imap(begin, range(6))) == [[]] * 6


def test_one_that_was_never_opened_can_be_stopped():
    SqlReadModel(NotesRows).stop()


def test_of_many_rows_that_are_written_at_once_the_one_at_fault_is_known(model):
    def add(recorded, rows):
        tried.append(recorded)
        rows.insert(rows.t["notes"], {"id": recorded})

    tried = []
    notes = model.create("log")

    with pytest.raises(IntegrityError):
        model.project(notes, [1, 2, 2, 3], 4, add)

    assert tried == [1, 2, 2, 3, 1, 2, 2]
