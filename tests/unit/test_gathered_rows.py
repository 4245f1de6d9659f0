"""Rows that are written together."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.exc import IntegrityError

from shop.database import sqlite_fast_path
from shop.read_models.sql import SqlRows
from shop.read_models.sql.rows import GatheredFailed

NOTES = Table(
    "notes",
    MetaData(),
    Column("key", String, primary_key=True),
    Column("text", String, nullable=False),
    Column("version", Integer),
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        NOTES.create(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def rows(connection: Connection) -> SqlRows:
    return SqlRows(connection, lambda: {"notes": NOTES}, {})


def note(key: str) -> dict[str, object]:
    return {"key": key, "text": "new", "version": 1}


def shown(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(NOTES).order_by(NOTES.c.key))]


def test_what_is_alike_is_written_at_once_and_in_its_order(
    rows: SqlRows, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, int]] = []

    def write(reached: Connection, statement: Any, all_values: Sequence[Any]) -> int:
        written.append((statement.__visit_name__, len(all_values)))
        return direct_write(reached, statement, all_values)

    direct_write = sqlite_fast_path.write
    monkeypatch.setattr(sqlite_fast_path, "write", write)

    with rows.gathering():
        for key in "abc":
            rows.insert(NOTES, note(key))
            rows.update(NOTES, key, {"text": "changed"})
        rows.update(NOTES, "a", {"text": "changed again"})

    assert written == [("insert", 3), ("update", 4)]
    assert shown(connection) == [("a", "changed again", 1), ("b", "changed", 1), ("c", "changed", 1)]


def test_a_row_is_there_before_it_changes_even_if_others_changed_earlier(rows: SqlRows, connection: Connection) -> None:
    rows.insert(NOTES, note("a"))

    with rows.gathering():
        rows.update(NOTES, "a", {"version": 2})
        rows.insert(NOTES, note("b"))
        rows.update(NOTES, "b", {"version": 3})

    assert shown(connection) == [("a", "new", 2), ("b", "new", 3)]


def test_whoever_reads_sees_what_was_written_before(rows: SqlRows) -> None:
    with rows.gathering():
        rows.insert(NOTES, note("a"))
        rows.update(NOTES, "a", {"text": "changed"})

        assert (rows.find(NOTES, "a") or {})["text"] == "changed"


def test_what_is_removed_stays_removed(rows: SqlRows, connection: Connection) -> None:
    with rows.gathering():
        rows.insert(NOTES, note("a"))
        rows.delete(NOTES, "a")

    assert shown(connection) == []


def test_a_row_that_cannot_be_written_is_not_blamed_on_the_last_one(rows: SqlRows) -> None:
    def write() -> None:
        with rows.gathering():
            rows.insert(NOTES, {"key": "a", "text": None, "version": 1})
            rows.insert(NOTES, note("b"))

    with pytest.raises(GatheredFailed) as failed:
        write()

    assert isinstance(failed.value.__cause__, IntegrityError)
