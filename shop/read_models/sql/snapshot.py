"""Reads a whole read model in SQL as it was at one moment, for however long that takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import eventlet
from sqlalchemy import Connection, Engine, Table, select

from shop.contracts.errors import NotReady
from shop.read_models.read_model import PageOfRows

AT_ONCE = 200
"""Rows to read before other greenlets run."""


class SqlSnapshot:
    """All pages are from the same moment."""

    def __init__(self, connection: Connection, tables: Mapping[str, Table], position: int) -> None:
        self._connection = connection
        self._tables = tables
        self._position = position

    @property
    def tables(self) -> Sequence[str]:
        return [*self._tables]

    def pages(self, table: str) -> Iterator[PageOfRows]:
        found = self._tables[table]
        (primary,) = found.primary_key
        in_order, last = select(found).order_by(primary).limit(AT_ONCE), None
        while True:
            wanted = in_order if last is None else in_order.where(primary > last)
            rows = self._connection.execute(wanted).mappings().all()
            yield PageOfRows(self._position, {str(row[primary.name]): {**row} for row in rows})
            if len(rows) < AT_ONCE:
                return
            last = rows[-1][primary.name]
            eventlet.sleep(0)


@contextmanager
def snapshot(
    service: str, engine: Engine, namespaces: Table, tables_of: Callable[[int], Mapping[str, Table]]
) -> Iterator[SqlSnapshot]:
    """The current read model, in a read transaction that does not block writers.

    Args:
        service: the service's name.
        namespaces: the table with a row for each namespace.
        tables_of: the tables of a namespace, by its number.

    Raises:
        NotReady: the read model is not built yet.
    """
    with _reading(engine) as connection:
        current = connection.execute(select(namespaces).where(namespaces.c.current)).mappings().first()
        if current is None:
            raise NotReady(service)
        yield SqlSnapshot(connection, tables_of(current["number"]), current["position"])


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection.execution_options(isolation_level="REPEATABLE READ")
            return
        # The engine is in autocommit, so begin explicitly; SQLite keeps one snapshot from the first read on.
        connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")
