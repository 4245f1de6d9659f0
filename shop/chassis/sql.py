"""Read models in an SQL database, through nameko-sqlalchemy: SQLite by default, PostgreSQL with another URL.

Reads use the worker's session of nameko-sqlalchemy, in autocommit: nothing is held while a worker waits for another
service. Writes are short transactions of their own that never yield to other greenlets while SQLite's lock is held.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import eventlet
from nameko.containers import WorkerContext
from nameko_sqlalchemy import Database
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
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.engine import Result
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql import Executable, Select

from shop.chassis.read_model import Apply, Namespace
from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved, NotReady, ServiceUnavailable

SECONDS_FOR_A_LOCK = 5.0
Tables = Mapping[str, Table]


class ReadModel(DeclarativeBase):
    """Names the database in the configuration: `DB_URIS: {"<service>:ReadModel": <URL>}`."""


def namespaces_table(metadata: MetaData) -> Table:
    """Which namespaces there are, and how far each has come."""
    return Table(
        "read_models",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("schema_version", Integer, nullable=False),
        Column("log", String(64), nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("current", Boolean, nullable=False),
    )


class Rows:
    """A service's tables, and its statements as methods. Subclasses are the only code that knows the database.

    `self.t` are the tables by their plain names; `self.execute` runs a statement.
    """

    schema_version: ClassVar[int] = 1

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> Tables:
        """The tables of one namespace, by plain name; each is called prefix + plain name in the database."""
        raise TypeError(f"{cls.__name__} declares no tables for {prefix!r} in {metadata!r}")

    @classmethod
    def permanent_tables(cls, metadata: MetaData) -> Tables:
        """Tables that are no read model and survive a rebuild, such as sessions."""
        del metadata
        return {}

    def __init__(self, session: Session | Connection, tables: Callable[[], Tables], permanent: Tables) -> None:
        self._session = session
        self._tables = tables
        self._permanent = permanent

    @property
    def t(self) -> Tables:
        """Raises NotReady while the read model is built for the first time."""
        return {**self._permanent, **self._tables()}

    @property
    def permanent(self) -> Tables:
        return self._permanent

    def execute(self, statement: Executable, values: Any = None) -> Result[Any]:
        """Run one statement; `values` for many rows at once. Raises: ServiceUnavailable."""
        try:
            return self._session.execute(statement, values)
        except (OperationalError, InterfaceError) as error:
            raise ServiceUnavailable("database") from error


class SqlReadModel(Database):
    """A read model in an SQL database, as a dependency: `store = SqlReadModel(ProductRows)`."""

    def __init__(self, rows: type[Rows]) -> None:
        super().__init__(ReadModel, engine_options={"isolation_level": "AUTOCOMMIT"})
        self.rows = rows
        self.metadata = MetaData()
        self._namespaces = namespaces_table(self.metadata)
        self._permanent = rows.permanent_tables(self.metadata)
        self._tables: dict[int, Tables] = {}
        self._current: int | None = None

    def setup(self) -> None:
        # Each worker may hold a connection until it ends, and the runner one.
        self.engine_options["pool_size"] = self.container.max_workers + 2
        super().setup()
        self._writer = writing_engine(self.db_uri)
        _prepare_sqlite(self.engine)
        with self._transaction() as connection:
            self.metadata.create_all(connection)
        self.namespaces()

    def stop(self) -> None:
        """Close the connections; there are none yet where the container is stopped while it starts."""
        for engine in (getattr(self, "_writer", None), getattr(self, "engine", None)):
            if engine is not None:
                engine.dispose()

    kill = stop

    # Reading

    def get_dependency(self, worker_ctx: WorkerContext) -> "Store":
        return Store(self, super().get_dependency(worker_ctx))

    def current_tables(self) -> Tables:
        """Raises: NotReady."""
        if self._current is None:
            raise NotReady(self.container.service_name)
        return self.tables(self._current)

    def tables(self, number: int) -> Tables:
        """The tables of a namespace."""
        if number not in self._tables:
            self._tables[number] = self.rows.tables(MetaData(), f"r{number}_")
        return self._tables[number]

    @property
    def permanent(self) -> Tables:
        return self._permanent

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """The rows of the current namespace, for a moment's reading outside of a worker."""
        with self.Session(close_on_exit=True) as session:
            yield self.rows(session, self.current_tables, self._permanent)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """A short transaction on the permanent tables. Never yield to other greenlets in it."""
        with self._transaction() as connection:
            yield self.rows(connection, self.current_tables, self._permanent)

    # The port `shop.chassis.read_model.ReadModel`

    @property
    def schema_version(self) -> int:
        return self.rows.schema_version

    def namespaces(self) -> Sequence[Namespace]:
        with self.engine.connect() as connection:
            found = [Namespace(**row) for row in connection.execute(self._in_order()).mappings()]
        self._current = next((n.number for n in found if n.current), None)
        return found

    def create(self, log: str) -> Namespace:
        with self._transaction() as connection:
            numbers = [row.number for row in connection.execute(self._in_order())]
            fresh = Namespace(max(numbers, default=0) + 1, self.schema_version, log, 0, False)
            for table in self.tables(fresh.number).values():
                table.create(connection)
            connection.execute(insert(self._namespaces).values(vars(fresh)))
        return fresh

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        tables = self.tables(namespace.number)
        with self._transaction() as connection:
            self._move(connection, namespace, reached)
            rows = self.rows(connection, lambda: tables, self._permanent)
            for recorded in events:
                apply(recorded, rows)
        return Namespace(**{**vars(namespace), "position": reached})

    def switch(self, namespace: Namespace) -> None:
        with self._transaction() as connection:
            is_new = self._namespaces.c.number == namespace.number
            connection.execute(update(self._namespaces).values(current=False).where(~is_new))
            connection.execute(update(self._namespaces).values(current=True).where(is_new))
        self._current = namespace.number

    def drop(self, namespace: Namespace) -> None:
        with self._transaction() as connection:
            connection.execute(delete(self._namespaces).where(self._namespaces.c.number == namespace.number))
            for table in reversed(list(self.tables(namespace.number).values())):
                table.drop(connection, checkfirst=True)
        del self._tables[namespace.number]

    def _in_order(self) -> Select[Any]:
        return select(self._namespaces).order_by(self._namespaces.c.number)

    def _move(self, connection: Connection, namespace: Namespace, reached: int) -> None:
        columns = self._namespaces.c
        at_its_place = (columns.number == namespace.number) & (columns.position == namespace.position)
        moved = connection.execute(update(self._namespaces).values(position=reached).where(at_its_place))
        if moved.rowcount != 1:
            raise CheckpointMoved(self.container.service_name, namespace.position, reached)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with _locked(self._writer, self.container.service_name) as connection:
            yield connection


class Store:
    """What a worker gets: the rows of the current namespace, as they are now, and a way to write permanent tables."""

    def __init__(self, model: SqlReadModel, database: Any) -> None:
        self._model = model
        self._database = database
        self._rows: Rows | None = None

    def __getattr__(self, name: str) -> Any:
        if self._rows is None:
            self._rows = self._model.rows(self._database.session, self._model.current_tables, self._model.permanent)
        return getattr(self._rows, name)

    def write(self) -> Any:
        """`with self.store.write() as rows:` changes permanent tables in one short transaction."""
        return self._model.writing()


def writing_engine(uri: str) -> Engine:
    """An engine whose transactions take SQLite's write lock at their start, so that they cannot fail later for it."""
    engine = create_engine(uri)
    _prepare_sqlite(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)


def _set_up_sqlite(connection: Any, record: object) -> None:
    """Readers beside a writer; a transaction is on disk at the next checkpoint, for a read model can be rebuilt."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=0", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _locked(engine: Engine, service: str) -> Iterator[Connection]:
    """A transaction; while another process holds SQLite's lock, other greenlets run."""
    deadline = time.monotonic() + SECONDS_FOR_A_LOCK
    try:
        with engine.connect() as connection:
            while not _begun(connection):
                if time.monotonic() > deadline:
                    raise ServiceUnavailable(service)
                eventlet.sleep(random.uniform(0.001, 0.02))
            yield connection
            connection.commit()
    except (OperationalError, InterfaceError) as error:
        raise ServiceUnavailable(service) from error


def _begun(connection: Connection) -> bool:
    """Whether a transaction could be begun now."""
    try:
        connection.begin()
    except OperationalError as error:
        if "locked" in str(error):
            return False
        raise
    return True


def sqlite_url(path: object) -> str:
    """The URL of an SQLite file."""
    return make_url(f"sqlite:///{path}").render_as_string(hide_password=False)
