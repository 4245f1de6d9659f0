"""Statements on SQLite's own connection: as SQLAlchemy would have run them."""

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from shop.database import sqlite_fast_path

THINGS = Table(
    "things",
    MetaData(),
    Column("key", String(8), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("on", Boolean),
    Column("parts", JSON(none_as_null=True)),
)
SOME = select(THINGS).where(THINGS.c.key.in_(bindparam("some", expanding=True)), THINGS.c.number >= bindparam("least"))
FIRST = select(THINGS.c.key, (THINGS.c.number + 1).label("next")).order_by(THINGS.c.key).limit(1)
ADD = insert(THINGS)
MOVE = update(THINGS).where(THINGS.c.key == bindparam("of")).values(number=bindparam("to"))
ROWS = [
    {"key": "a", "number": 1, "on": True, "parts": ["x", {"y": 1}]},
    {"key": "b", "number": 2, "on": None, "parts": None},
    {"key": "c", "number": 3, "on": False, "parts": []},
]


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        THINGS.metadata.create_all(connection)
        sqlite_fast_path.write(connection, ADD, ROWS)
        yield connection
    engine.dispose()


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "b", "c", "nobody"]])
@pytest.mark.parametrize("least", [0, 2])
def test_a_query_finds_what_it_finds_with_sqlalchemy(connection, keys, least):
    values = {"some": keys, "least": least}
    found = [row._asdict() for row in sqlite_fast_path.rows(connection, SOME, values)]
    assert found == [row._asdict() for row in connection.execute(SOME, values)]
    assert found == [row for row in ROWS if row["key"] in keys and row["number"] >= least]


def test_the_order_of_the_values_does_not_count(connection):
    (row,) = sqlite_fast_path.rows(connection, SOME, {"least": 2, "some": ["a", "b"]})
    assert row.key == "b"


def test_a_query_has_constants_of_its_own(connection):
    (row,) = sqlite_fast_path.rows(connection, FIRST, {})
    assert (row.key, row.next) == ("a", 2)


def test_a_session_is_as_good_as_a_connection(connection):
    with Session(connection) as session:
        (row,) = sqlite_fast_path.rows(session, FIRST, {})
        assert row.key == "a"
        assert sqlite_fast_path.write(session, MOVE, [{"of": "a", "to": 7}]) == 1


def test_it_says_how_many_rows_were_changed(connection):
    assert sqlite_fast_path.write(connection, MOVE, [{"of": "a", "to": 7}]) == 1
    assert sqlite_fast_path.write(connection, MOVE, [{"of": "nobody", "to": 7}]) == 0
    assert sqlite_fast_path.write(connection, delete(THINGS), [{}]) == 3
    assert connection.scalar(select(func.count()).select_from(THINGS)) == 0


def test_errors_are_those_of_sqlalchemy(connection):
    with pytest.raises(IntegrityError):
        sqlite_fast_path.write(connection, ADD, ROWS[:1])
    THINGS.drop(connection)
    with pytest.raises(OperationalError, match="no such table"):
        list(sqlite_fast_path.rows(connection, FIRST, {}))
    with pytest.raises(OperationalError, match="syntax"):
        sqlite_fast_path.run(connection, "BEGIN WELL")
