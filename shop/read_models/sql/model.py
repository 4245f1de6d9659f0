"""Adapter of the read model's port on SQL, through nameko-sqlalchemy.

Reads use the worker's session of nameko-sqlalchemy, in autocommit: no transaction stays open while a worker waits for
another service. Writes are short transactions of their own that never yield to other greenlets while SQLite's lock is
held.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from nameko.containers import WorkerContext
from nameko_sqlalchemy import Database
from nameko_sqlalchemy.database import Session
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import sessionmaker

from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved, NotReady, ServiceUnavailable
from shop.database import sqlite_fast_path
from shop.database.engines import (
    AWAY,
    file_of,
    is_away,
    one_at_a_time,
    reading_engine,
    transaction,
    url_of,
    writing_engine,
)
from shop.read_models.read_model import Apply, Namespace, Snapshot
from shop.read_models.sql.rows import GatheredFailed, SqlRows, Tables
from shop.read_models.sql.snapshot import snapshot
from shop.read_models.stores import Adapter

MOST_READERS = 20
"""Concurrent readers; PostgreSQL's default is 100 connections for all processes."""


def namespaces_table(metadata: MetaData) -> Table:
    """The table of namespaces and their positions."""
    return Table(
        "read_models",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("schema_version", Integer, nullable=False),
        Column("log", String(64), nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("current", Boolean, nullable=False),
    )


def trial_table(metadata: MetaData) -> Table:
    """A table with one row, which is rewritten by each health check."""
    return Table(
        "read_model_trial",
        metadata,
        Column("only", Integer, primary_key=True, autoincrement=False),
        Column("number", BigInteger, nullable=False),
    )


class SqlReadModel(Adapter, Database):
    """A read model in an SQL database.

    Args:
        rows: defines the service's tables and runs its statements.
    """

    schemes = ("sqlite", "postgresql")

    def __init__(self, rows: type[SqlRows]) -> None:
        super().__init__(None)
        self.rows = rows
        self.metadata = MetaData()
        self.table = namespaces_table(self.metadata)
        self._trial = trial_table(self.metadata)
        self._in_order = select(self.table).order_by(self.table.c.number)
        self._moving = update(self.table).where(
            self.table.c.number == bindparam("of_number"), self.table.c.position == bindparam("of_position")
        )
        self._permanent = rows.permanent_tables(self.metadata)
        self._tables: dict[int, Tables] = {}
        self._current: int | None = None
        self._prepared = False
        self._file: tuple[int, int] | None = None

    def open(self) -> None:
        try:
            url = url_of(self.url)
            # Most workers use a connection for some milliseconds or not at all; the runner holds one.
            self.engine: Engine = reading_engine(url, min(self.container.max_workers, MOST_READERS) + 2)
            self._writer = writing_engine(url)
        except (ArgumentError, ValueError, ImportError) as error:
            raise self.wrong_url(error) from error
        self.Session = sessionmaker(bind=self.engine, class_=Session)

    def stop(self) -> None:
        """Close the connections; there are none if the container is stopped during its start."""
        self._disconnect()

    kill = stop

    def _disconnect(self) -> None:
        for engine in (getattr(self, "_writer", None), getattr(self, "engine", None)):
            if engine is not None:
                engine.dispose()

    # Reading

    def get_dependency(self, worker_ctx: WorkerContext) -> "SqlReader":
        return SqlReader(self, super().get_dependency(worker_ctx))

    def current_tables(self) -> Tables:
        """Raises: NotReady."""
        if self._current is None:
            raise NotReady(self.container.service_name)
        return self.tables(self._current)

    def tables(self, number: int) -> Tables:
        """Tables of a namespace."""
        if number not in self._tables:
            self._tables[number] = self.rows.tables(MetaData(), f"r{number}_")
        return self._tables[number]

    def current_rows(self, connection: Session | Connection) -> SqlRows:
        return self.rows(connection, self.current_tables, self._permanent, self.unavailable)

    @contextmanager
    def reading(self) -> Iterator[SqlRows]:
        """The rows of the current namespace, for a short read outside of a worker."""
        with self.Session(close_on_exit=True) as session:
            yield self.current_rows(session)

    @contextmanager
    def writing(self) -> Iterator[SqlRows]:
        """A short transaction on the permanent tables. Code in it must not yield to other greenlets."""
        with self._transaction() as connection:
            yield self.current_rows(connection)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        return snapshot(self.container.service_name, self.engine, self.table, self.tables)

    # The port `shop.read_models.read_model.ReadModel`

    @property
    def schema_version(self) -> int:
        return self.rows.schema_version

    def namespaces(self) -> Sequence[Namespace]:
        self._prepare()
        with self.reaching(), self.engine.connect() as connection:
            found = [Namespace(**row._asdict()) for row in sqlite_fast_path.rows(connection, self._in_order, {})]
        self._current = next((n.number for n in found if n.current), None)
        return found

    def create(self, log: str) -> Namespace:
        with self._transaction() as connection:
            numbers = [row.number for row in connection.execute(self._in_order)]
            fresh = Namespace(max(numbers, default=0) + 1, self.schema_version, log, 0, False)
            self._drop(connection, fresh.number)  # remains of an earlier one
            for table in self.tables(fresh.number).values():
                table.create(connection)
            connection.execute(insert(self.table).values(vars(fresh)))
        return fresh

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        try:
            with self._moved(namespace, reached) as rows, rows.gathering():
                for recorded in events:
                    apply(recorded, rows)
        except GatheredFailed:
            # One by one, to find the event at fault.
            with self._moved(namespace, reached) as rows:
                for recorded in events:
                    apply(recorded, rows)
        return Namespace(**{**vars(namespace), "position": reached})

    @contextmanager
    def _moved(self, namespace: Namespace, reached: int) -> Iterator[SqlRows]:
        """The rows of a namespace, in a transaction that moves its position."""
        tables = self.tables(namespace.number)
        with self._transaction() as connection:
            self._move(connection, namespace, reached)
            yield self.rows(connection, lambda: tables, self._permanent, self.unavailable)

    def switch(self, namespace: Namespace) -> None:
        with self._transaction() as connection:
            is_new = self.table.c.number == namespace.number
            connection.execute(update(self.table).values(current=False).where(~is_new))
            connection.execute(update(self.table).values(current=True).where(is_new))
        self._current = namespace.number

    def drop(self, namespace: Namespace) -> None:
        with self._transaction() as connection:
            self._drop(connection, namespace.number)
        del self._tables[namespace.number]

    def try_to_write(self) -> None:
        with self._transaction() as connection:
            # A new number each time: SQLite does not write unchanged rows.
            if connection.execute(update(self._trial).values(number=self._trial.c.number + 1)).rowcount == 0:
                connection.execute(insert(self._trial).values(only=1, number=1))

    def _move(self, connection: Connection, namespace: Namespace, reached: int) -> None:
        place = {"of_number": namespace.number, "of_position": namespace.position}
        if sqlite_fast_path.write(connection, self._moving, [place | {"position": reached}]) != 1:
            raise CheckpointMoved(self.container.service_name, namespace.position, reached)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        self._prepare()
        with self.reaching(), transaction(self._writer) as connection:
            yield connection

    def _prepare(self) -> None:
        """Create the tables that every database needs, once it can be reached; again for another database."""
        if self._prepared and file_of(self.engine) == self._file:
            return
        self._disconnect()  # from a file that has been deleted
        with self.reaching(), transaction(self._writer) as connection:
            one_at_a_time(connection)
            self.metadata.create_all(connection)
            self._forget_what_is_lost(connection)
        self._file = file_of(self.engine)
        self._prepared = True

    def _forget_what_is_lost(self, connection: Connection) -> None:
        """Unregister namespaces with missing tables; they will be rebuilt."""
        there = set(inspect(connection).get_table_names())
        for row in connection.execute(self._in_order.where(self.table.c.schema_version == self.schema_version)).all():
            if not {table.name for table in self.tables(row.number).values()} <= there:
                self._drop(connection, row.number)

    def _drop(self, connection: Connection, number: int) -> None:
        connection.execute(delete(self.table).where(self.table.c.number == number))
        for table in reversed(list(self.tables(number).values())):
            table.drop(connection, checkfirst=True)

    def unavailable(self, reason: object) -> ServiceUnavailable:
        self._prepared = False  # it may come back as another one without tables
        return super().unavailable(reason)

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Raises: ServiceUnavailable."""
        try:
            yield
        except AWAY as error:
            if not is_away(error):
                raise
            raise self.unavailable(error) from error


class SqlReader:
    """A worker's access: rows of the current namespace, and writes to permanent tables."""

    def __init__(self, model: SqlReadModel, database: Any) -> None:
        self._model = model
        self._database = database
        self._rows: SqlRows | None = None

    def __getattr__(self, name: str) -> Any:
        if self._rows is None:
            with self._model.reaching():
                # Bypasses the session's ORM work per statement: there are no mapped objects.
                self._rows = self._model.current_rows(self._database.session.connection())
        return getattr(self._rows, name)

    def write(self) -> Any:
        """`with self.store.write() as rows:` changes permanent tables in one short transaction."""
        return self._model.writing()
