"""Fast path for statements that run for every order, on SQLite's own connection.

SQLAlchemy takes ten times as long for such a statement as SQLite does. On other databases, where the round trip
dominates, SQLAlchemy runs them.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Query = Select[*tuple[Any, ...]]
Statement = Query | Insert | Update | Delete
Process = Callable[[Any], Any] | None

STATEMENTS_KEPT = 500


def rows(connection: Connection | Session, statement: Query, values: Values) -> Iterator[Any]:
    """Rows of a query, with the columns as attributes.

    Args:
        statement: its compiled form is cached by identity, so it must be built once for all calls.

    Raises: as SQLAlchemy does.
    """
    reached = connection.connection() if isinstance(connection, Session) else connection
    driver = _sqlite_of(reached)
    if driver is None:
        yield from reached.execute(statement, values)
        return
    prepared = _prepared(statement, tuple(values), reached.dialect)
    yield from map(prepared.row, _run(prepared.sql(values), prepared.ordered(values), driver.execute))


def write(connection: Connection | Session, statement: Statement, all_values: Sequence[Values]) -> int:
    """Run a statement for each set of values, all with the same names.

    Returns: the number of rows changed, for a single set of values.
    Raises: as SQLAlchemy does.
    """
    reached = connection.connection() if isinstance(connection, Session) else connection
    driver = _sqlite_of(reached)
    if driver is None:
        # A list of one would count as executemany, for which drivers report no reliable number of rows.
        return reached.execute(statement, all_values if len(all_values) > 1 else all_values[0]).rowcount
    prepared = _prepared(statement, tuple(all_values[0]), reached.dialect)
    ordered = [prepared.ordered(values) for values in all_values]
    return _run(prepared.sql(all_values[0]), ordered, driver.executemany).rowcount


def run(connection: Connection, sql: str) -> None:
    """Run a statement in SQLite's own SQL. Raises: as SQLAlchemy does."""
    _run(sql, (), connection.connection.cursor().execute)


class _Prepared:
    """A statement compiled for SQLite."""

    def __init__(self, statement: Statement, names: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        binds = compiled.binds
        self._sql = str(compiled)
        self._order = compiled.positiontup or []
        self._lists = [name for name in names if binds[name].expanding]
        self._constants = {name: binds[name].value for name in self._order if name not in names}
        self._bindings = {name: bind for name in self._order if (bind := _binding(binds[name].type, dialect))}
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        make_row = namedtuple("Row", [column.key for column in columns])._make  # type: ignore[attr-defined, misc]
        self._make_row: Callable[[Iterable[Any]], Any] = make_row
        self._reading = [_reading(column.type, dialect) for column in columns]
        self.row: Callable[[Sequence[Any]], Any] = self._converted if any(self._reading) else self._make_row

    def sql(self, values: Values) -> str:
        """The SQL text, with as many placeholders as the lists among the values are long."""
        sql = self._sql
        for name in self._lists:
            sql = sql.replace(f"(__[POSTCOMPILE_{name}])", f"({', '.join(repeat('?', len(values[name])))})")
        return sql

    def ordered(self, values: Values) -> list[Any]:
        """The values in the order of the placeholders."""
        found: list[Any] = []
        for name in self._order:
            value: Any = values[name] if name in values else self._constants[name]
            if name in self._lists:
                found += value
            elif binding := self._bindings.get(name):
                found.append(binding(value))
            else:
                found.append(value)
        return found

    def _converted(self, found: Sequence[Any]) -> Any:
        return self._make_row(read(value) if read else value for read, value in zip(self._reading, found, strict=True))


_prepared = lru_cache(STATEMENTS_KEPT)(_Prepared)


def _run(sql: str, values: Any, execute: Callable[[str, Any], sqlite3.Cursor]) -> sqlite3.Cursor:
    try:
        return execute(sql, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error


def _sqlite_of(connection: Connection) -> sqlite3.Connection | None:
    driver: object = connection.connection.dbapi_connection
    return driver if isinstance(driver, sqlite3.Connection) else None


def _binding(type_: TypeEngine[Any], dialect: Dialect) -> Process:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reading(type_: TypeEngine[Any], dialect: Dialect) -> Process:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
