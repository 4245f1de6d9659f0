"""Connections and transactions."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from event_store_svc import patience
from event_store_svc.patience import Outrun, for_a_while, patiently
from shop.database import sqlite_fast_path

T = TypeVar("T")
Work = Callable[[Connection], T]

AWAY = (OperationalError, InterfaceError, PoolExhausted)


class SqlLogDatabase:
    """Runs work in transactions, with retries until it succeeds or PATIENCE has passed.

    Work must have no side effects beyond its connection. On SQLite it must not yield to other greenlets, and no SQLite
    call does: they would find the database locked by their own process.

    Args:
        url: SQLAlchemy's, of a file or a server.

    Raises:
        ValueError: not such a URL, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self._engine = _make_engine(url)
        self._writing = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")

    def read(self, work: Work[T]) -> T:
        """Raises: ServiceUnavailable."""
        return patiently(lambda: _run(self._engine, work), AWAY)

    def write(self, work: Work[T]) -> T:
        """In a transaction of its own. A violated unique key counts as a write conflict.

        Raises:
            ServiceUnavailable: nothing is written; on a server, a lost connection may hide a successful commit.
        """
        return patiently(lambda: _run(self._writing, work), (*AWAY, IntegrityError, Outrun))

    def write_within(self, seconds: float, work: Work[T]) -> T:
        """The same within so many seconds. Raises: ServiceUnavailable."""
        return for_a_while(seconds, lambda: _run(self._writing, work), (*AWAY, IntegrityError, Outrun))

    def close(self) -> None:
        self._engine.dispose()


def _run(engine: Engine, work: Work[T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _make_engine(url: str) -> Engine:
    try:
        return _engine_of(make_url(url))
    except (ArgumentError, ImportError) as error:
        raise ValueError(str(error)) from error


def _engine_of(parts: URL) -> Engine:
    if parts.drivername == "postgresql":
        # SQLAlchemy's default is psycopg 3, which blocks all greenlets while it waits.
        parts = parts.set(drivername="postgresql+psycopg2")
    if parts.get_backend_name() != "sqlite":
        return create_engine(parts, pool_pre_ping=True, pool_timeout=patience.PATIENCE)
    if not parts.database or parts.database == ":memory:":
        raise ValueError("a log in memory would be lost")
    engine = create_engine(parts, connect_args={"timeout": 0})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers and the writer do not block each other (WAL); an acknowledged commit survives a power cut (FULL).

    Python's driver would begin transactions by itself, too late and without the write lock.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    sqlite_fast_path.run(connection, connection.get_execution_options().get("sqlite_begin", "BEGIN"))
