"""A read model in SQL as it was at one moment, however long it takes to read it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import eventlet
from sqlalchemy import Connection, Table, select

from shop.chassis.audit.rows import Row
from shop.chassis.sql import SqlReadModel
from shop.contracts.errors import NotReady

AT_ONCE = 200
"""Rows that are read before other greenlets get their turn."""


class Snapshot:
    """Implements `rows.Shown`."""

    def __init__(self, connection: Connection, tables: Mapping[str, Table], position: int) -> None:
        self.position = position
        self._connection = connection
        self._tables = tables

    def rows(self, table: str) -> Iterator[tuple[str, Row]]:
        found = self._tables[table]
        (primary,) = found.primary_key
        in_order, last = select(found).order_by(primary).limit(AT_ONCE), None
        while True:
            wanted = in_order if last is None else in_order.where(primary > last)
            page = self._connection.execute(wanted).mappings().all()
            if not page:
                return
            for row in page:
                yield str(row[primary.name]), {**row}
            last = page[-1][primary.name]
            eventlet.sleep(0)


@contextmanager
def snapshot(model: SqlReadModel, service: str) -> Iterator[Snapshot]:
    """The read model in use, in a transaction that reads and does not hinder those who write.

    Raises:
        NotReady: there is none yet.
    """
    with _reading(model) as connection:
        namespaces = model.metadata.tables["read_models"]
        current = connection.execute(select(namespaces).where(namespaces.c.current)).mappings().first()
        if current is None:
            raise NotReady(service)
        yield Snapshot(connection, model.tables(current["number"]), current["position"])


@contextmanager
def _reading(model: SqlReadModel) -> Iterator[Connection]:
    with model.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection.execution_options(isolation_level="REPEATABLE READ")
            return
        # The engine is in autocommit; SQLite keeps to one state of the database from the first read on.
        connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")
