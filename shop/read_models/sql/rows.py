"""Base class of adapters on SQL: a service's tables, and its statements as methods."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import Connection, Insert, MetaData, String, Table, Update
from sqlalchemy.engine import Result
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable

from shop.contracts.errors import ServiceUnavailable, ShopError
from shop.database import sqlite_fast_path
from shop.database.engines import AWAY, is_away
from shop.read_models.sql import statements

Tables = Mapping[str, Table]


def by_code_point(length: int | None = None) -> String:
    """Text that sorts by code point on every database, as in Python; PostgreSQL would use its locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class GatheredFailed(ShopError):
    """A row among many cannot be written."""


class SqlRows:
    """A service's tables, and its statements as methods. Only subclasses know the database.

    `self.t` are the tables by their plain names; `self.execute` runs a statement.
    """

    schema_version: ClassVar[int] = 1

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> Tables:
        """Tables of one namespace, by plain name; their names in the database have the prefix."""
        raise TypeError(f"{cls.__name__} declares no tables for {prefix!r} in {metadata!r}")

    @classmethod
    def permanent_tables(cls, metadata: MetaData) -> Tables:
        """Tables outside of the read model, which survive a rebuild, such as sessions."""
        del metadata
        return {}

    def __init__(
        self,
        session: Session | Connection,
        tables: Callable[[], Tables],
        permanent: Tables,
        unavailable: Callable[[Exception], ServiceUnavailable] = lambda _: ServiceUnavailable("database"),
    ) -> None:
        self._session = session
        self._tables = tables
        self._permanent = permanent
        self._unavailable = unavailable
        self._gathered: dict[tuple[Insert | Update, tuple[str, ...]], list[Mapping[str, Any]]] = {}
        self._gathers = False

    @property
    def t(self) -> Tables:
        """Raises: NotReady, during the first build of the read model."""
        return {**self._permanent, **self._tables()}

    @property
    def permanent(self) -> Tables:
        return self._permanent

    def find(self, table: Table, key: str) -> dict[str, Any] | None:
        """The row with that primary key, by column; None if it does not exist."""
        found = self.rows(statements.row_of(table), {statements.KEY: key})
        return found[0]._asdict() if found else None

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert a row."""
        self.write(statements.adding_to(table), row)

    def update(self, table: Table, key: str, changes: Mapping[str, Any]) -> None:
        """Change columns of the row with that primary key, if it exists."""
        self.write(statements.changing(table), {statements.KEY: key, **changes})

    def delete(self, table: Table, key: str) -> None:
        """Delete the row with that primary key, if it exists."""
        self._write_now(statements.removing(table), {statements.KEY: key})

    def write(self, statement: Insert | Update, values: Mapping[str, Any]) -> None:
        """Run a statement without a result; within `gathering` later, together with others."""
        if self._gathers:
            self._gathered.setdefault((statement, tuple(values)), []).append(values)
        else:
            self._write_now(statement, values)

    def rows(self, statement: sqlite_fast_path.Query, values: Mapping[str, Any]) -> list[Any]:
        """Rows of a prepared query, with the columns as attributes."""
        self._flush()
        with self._reaching():
            return list(sqlite_fast_path.rows(self._session, statement, values))

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Batch many writes: inserts first, then equal statements together, in their order.

        Reads and deletions flush the batch first.

        Raises:
            GatheredFailed: a row of the batch cannot be written; it is not known which one.
        """
        self._gathers = True
        yield
        self._flush()

    def _flush(self) -> None:
        if not self._gathered:
            return
        gathered, self._gathered = self._gathered, {}
        for (statement, _), rows in sorted(gathered.items(), key=lambda alike: not isinstance(alike[0][0], Insert)):
            try:
                sqlite_fast_path.write(self._session, statement, rows)
            except SQLAlchemyError as error:
                if isinstance(error, AWAY) and is_away(error):
                    raise self._unavailable(error) from error
                raise GatheredFailed from error

    def execute(self, statement: Executable, values: Any = None) -> Result[Any]:
        """Run one statement; `values` for many rows at once. Raises: ServiceUnavailable."""
        self._flush()
        with self._reaching():
            return self._session.execute(statement, values)

    def _write_now(self, statement: sqlite_fast_path.Statement, values: Mapping[str, Any]) -> None:
        self._flush()
        with self._reaching():
            sqlite_fast_path.write(self._session, statement, [values])

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except AWAY as error:
            if not is_away(error):
                raise
            raise self._unavailable(error) from error
