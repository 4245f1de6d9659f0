"""Connections to SQL databases, and short transactions that yield to other greenlets while they wait."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import eventlet
from eventlet.hubs import trampoline
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from shop.contracts import deadlines
from shop.database import sqlite_fast_path

SECONDS_FOR_A_LOCK = 5.0
SECONDS_TO_ANSWER = deadlines.DATABASE
"""Timeout of each step on a server's connection; shorter than the callers' timeout."""

AWAY = (OperationalError, InterfaceError, PoolExhausted, ProgrammingError)
"""Errors of SQLAlchemy when a database does not answer, or has been dropped; see `is_away`."""

MAKING_TABLES = 7_236_110
"""Key of PostgreSQL's advisory lock for the creation of tables."""

UNDEFINED_TABLE = "42P01"
"""PostgreSQL's error code; SQLite has none, and raises an OperationalError."""


def url_of(text: str) -> URL:
    """SQLAlchemy's URL, with a driver that yields to other greenlets while it waits.

    Raises:
        ArgumentError, ValueError: not such a URL.
    """
    url = make_url(text)
    # SQLAlchemy's default is psycopg 3, which blocks the whole process.
    return url.set(drivername="postgresql+psycopg2") if url.drivername == "postgresql" else url


def reading_engine(url: URL, connections: int) -> Engine:
    """An engine in autocommit: no transaction stays open between two statements."""
    return _prepared(create_engine(url, isolation_level="AUTOCOMMIT", pool_size=connections, **_options(url)))


def writing_engine(url: URL) -> Engine:
    """An engine whose transactions take SQLite's write lock at their start, so that they cannot fail for it later."""
    # Many rows in one message; SQLAlchemy's default is one message per updated row.
    at_once = {"executemany_mode": "values_plus_batch"} if url.get_driver_name() == "psycopg2" else {}
    engine = _prepared(create_engine(url, **at_once, **_options(url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", lambda connection: sqlite_fast_path.run(connection, "BEGIN IMMEDIATE"))
    return engine


def one_at_a_time(connection: Connection) -> None:
    """Serialise the creation of tables until this transaction ends; on SQLite, writes are serial anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(MAKING_TABLES)))


def is_away(error: Exception) -> bool:
    """Whether an error of `AWAY` is the fault of the database and not of the statement."""
    if isinstance(error, ProgrammingError):
        return getattr(error.orig, "pgcode", None) == UNDEFINED_TABLE
    return isinstance(error, AWAY)


def file_of(engine: Engine) -> tuple[int, int] | None:
    """Device and inode of an SQLite database's file; None without a file."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    try:
        found = Path(engine.url.database).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction; yields to other greenlets while another process holds SQLite's lock."""
    deadline = time.monotonic() + SECONDS_FOR_A_LOCK
    with engine.connect() as connection:
        while not _begun(connection, deadline):
            eventlet.sleep(random.uniform(0.001, 0.02))
        yield connection
        connection.commit()


def sqlite_url(path: object) -> str:
    """The URL of an SQLite file."""
    return make_url(f"sqlite:///{path}").render_as_string(hide_password=False)


def _options(url: URL) -> dict[str, Any]:
    """Options of the engine: check server connections before use, since the server may have restarted."""
    return {} if url.get_backend_name() == "sqlite" else {"pool_pre_ping": True}


def _prepared(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    if engine.dialect.driver == "psycopg2":
        engine.dialect.loaded_dbapi.extensions.set_wait_callback(_wait)
    return engine


def _wait(connection: Any) -> None:
    """Yield to other greenlets until psycopg2's connection is ready; like eventlet's own function, with a timeout."""
    from psycopg2 import OperationalError, extensions

    too_late = OperationalError(f"no answer in {SECONDS_TO_ANSWER:g} s")
    while (state := connection.poll()) != extensions.POLL_OK:
        reads = state == extensions.POLL_READ
        trampoline(connection.fileno(), read=reads, write=not reads, timeout=SECONDS_TO_ANSWER, timeout_exc=too_late)


def _set_up_sqlite(connection: Any, record: object) -> None:
    """Concurrent readers (WAL). Commits reach the disk at the next WAL checkpoint: a read model can be rebuilt."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=0", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection, deadline: float) -> bool:
    """Whether the transaction has begun; another process's lock is waited for until the deadline."""
    try:
        connection.begin()
    except OperationalError as error:
        if "locked" in str(error) and time.monotonic() < deadline:
            return False
        raise
    return True
