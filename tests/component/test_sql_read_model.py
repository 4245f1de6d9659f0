"""What every read model has to do for the subscription that feeds it, on an SQL database."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, inspect, select

from shop.chassis.sql import Rows, SqlReadModel, Tables, sqlite_url
from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved, NotReady, ServiceUnavailable

pytestmark = pytest.mark.timeout(30)


class NotesRows(Rows):
    schema_version = 1

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> Tables:
        notes = Table(prefix + "notes", metadata, Column("id", Integer, primary_key=True), Column("text", String))
        return {"notes": notes}

    @classmethod
    def permanent_tables(cls, metadata: MetaData) -> Tables:
        return {"sessions": Table("sessions", metadata, Column("token", String, primary_key=True))}

    def add(self, recorded: RecordedEvent) -> None:
        self.execute(insert(self.t["notes"]).values(text=recorded.type))

    def texts(self) -> list[str]:
        return list(self.execute(select(self.t["notes"].c.text).order_by(self.t["notes"].c.id)).scalars())

    def tokens(self) -> list[str]:
        return list(self.execute(select(self.permanent["sessions"].c.token)).scalars())


def recorded(position: int, name: str) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream="notes",
        version=position,
        type=name,
        fields={},
        at="2026-11-23T09:30:00.000Z",
        correlation_id="c",
        causation=0,
        actor="operator:operator",
        service="tests",
    )


def add(event: RecordedEvent, rows: NotesRows) -> None:
    rows.add(event)


def opened(uri: str) -> SqlReadModel:
    model = SqlReadModel(NotesRows)
    model.container = SimpleNamespace(service_name="notes", max_workers=5, config={"DB_URIS": {"notes:ReadModel": uri}})
    model.setup()
    return model


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "notes.sqlite")


@pytest.fixture
def model(uri: str) -> Iterator[SqlReadModel]:
    model = opened(uri)
    yield model
    model.stop()


class Worker:
    """Stands for a Nameko worker, whose database session it is."""


def store(model: SqlReadModel) -> Any:
    return model.get_dependency(Worker())


def test_there_is_nothing_to_read_before_the_first_one_is_built(model: SqlReadModel) -> None:
    with pytest.raises(NotReady):
        store(model).texts()


def test_events_and_position_are_kept_together(model: SqlReadModel, uri: str) -> None:
    namespace = model.create("log")
    namespace = model.project(namespace, [recorded(1, "A"), recorded(2, "B")], 2, add)
    model.switch(namespace)

    again = opened(uri)

    assert store(again).texts() == ["A", "B"]
    assert [(n.position, n.log, n.current) for n in again.namespaces()] == [(2, "log", True)]
    again.stop()


def test_a_fault_in_the_middle_leaves_neither_rows_nor_position(model: SqlReadModel) -> None:
    def faulty(event: RecordedEvent, rows: NotesRows) -> None:
        rows.add(event)
        if event.type == "B":
            raise ZeroDivisionError

    namespace = model.create("log")
    model.switch(namespace)

    with pytest.raises(ZeroDivisionError):
        model.project(namespace, [recorded(1, "A"), recorded(2, "B")], 2, faulty)

    assert store(model).texts() == []
    assert [n.position for n in model.namespaces()] == [0]


def test_of_two_that_project_from_the_same_position_one_is_refused(model: SqlReadModel, uri: str) -> None:
    other = opened(uri)
    namespace = model.create("log")
    other.project(namespace, [recorded(1, "A")], 1, add)

    with pytest.raises(CheckpointMoved):
        model.project(namespace, [recorded(1, "A")], 1, add)

    model.switch(namespace)
    assert store(model).texts() == ["A"]
    other.stop()


def test_readers_see_the_old_one_until_the_switch_and_the_new_one_after_it(model: SqlReadModel) -> None:
    old = model.project(model.create("log"), [recorded(1, "old")], 1, add)
    model.switch(old)
    reader = store(model)
    new = model.project(model.create("log"), [recorded(1, "new")], 1, add)

    before = reader.texts()
    model.switch(new)

    assert (before, reader.texts()) == (["old"], ["new"])


def test_a_dropped_one_leaves_no_tables(model: SqlReadModel, uri: str) -> None:
    first, second = model.create("log"), model.create("log")
    model.switch(second)

    model.drop(first)

    names = inspect(create_engine(uri)).get_table_names()
    assert sorted(names) == ["r2_notes", "read_models", "sessions"]


def test_another_process_learns_of_a_switch_when_it_looks(model: SqlReadModel, uri: str) -> None:
    other = opened(uri)
    model.switch(model.project(model.create("log"), [recorded(1, "A")], 1, add))

    other.namespaces()

    assert store(other).texts() == ["A"]
    other.stop()


def test_permanent_tables_need_no_read_model_and_survive_all_of_them(model: SqlReadModel) -> None:
    writer = store(model)

    with writer.write() as rows:
        rows.execute(insert(rows.permanent["sessions"]).values(token="t"))
    namespace = model.create("log")
    model.switch(namespace)
    model.drop(namespace)

    assert writer.tokens() == ["t"]


def test_a_locked_database_is_waited_for_while_others_run(model: SqlReadModel, uri: str) -> None:
    blocker = create_engine(uri, isolation_level="AUTOCOMMIT").connect()
    blocker.exec_driver_sql("BEGIN IMMEDIATE")
    eventlet.spawn_after(0.2, blocker.exec_driver_sql, "COMMIT")
    ticks = []
    ticking = eventlet.spawn(lambda: [ticks.append(eventlet.sleep(0.01)) for _ in range(10)])

    model.create("log")

    ticking.wait()
    assert len(ticks) == 10
    blocker.close()


def test_a_database_that_stays_locked_is_unavailable(
    model: SqlReadModel, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.chassis.sql.engines.SECONDS_FOR_A_LOCK", 0.1)
    blocker = create_engine(uri, isolation_level="AUTOCOMMIT").connect()
    blocker.exec_driver_sql("BEGIN IMMEDIATE")

    with pytest.raises(ServiceUnavailable):
        model.create("log")

    blocker.exec_driver_sql("COMMIT")
    blocker.close()
    assert model.create("log").number == 1


def test_one_that_was_never_opened_can_be_stopped() -> None:
    SqlReadModel(NotesRows).stop()
