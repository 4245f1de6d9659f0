"""Connections to SQL databases, and short transactions that let other greenlets run while they wait."""

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

from shop.database import sqlite_fast_path

SECONDS_FOR_A_LOCK = 5.0
SECONDS_TO_ANSWER = 4.0
"""What a server has for each step of a connection; less than callers wait for us."""

AWAY = (OperationalError, InterfaceError, PoolExhausted, ProgrammingError)
"""What SQLAlchemy raises where a database does not answer, or has been dropped; see `is_away`."""

MAKING_TABLES = 7_236_110
"""Stands for it among PostgreSQL's advisory locks, which are numbers."""

UNDEFINED_TABLE = "42P01"
"""PostgreSQL's code; SQLite has none, and raises an OperationalError."""


def url_of(text: str) -> URL:
    """SQLAlchemy's URL, with a driver that lets other greenlets run while it waits.

    Raises:
        ArgumentError, ValueError: not such a URL.
    """
    url = make_url(text)
    # Without a driver SQLAlchemy would take psycopg 3, which blocks the whole process.
    return url.set(drivername="postgresql+psycopg2") if url.drivername == "postgresql" else url


def reading_engine(url: URL, connections: int) -> Engine:
    """An engine in autocommit, so that nothing is held between two statements."""
    return _prepared(create_engine(url, isolation_level="AUTOCOMMIT", pool_size=connections, **_options(url)))


def writing_engine(url: URL) -> Engine:
    """An engine whose transactions take SQLite's write lock at their start, so that they cannot fail later for it."""
    # Many rows in one message; SQLAlchemy's own default is a message for each row that is updated.
    at_once = {"executemany_mode": "values_plus_batch"} if url.get_driver_name() == "psycopg2" else {}
    engine = _prepared(create_engine(url, **at_once, **_options(url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", lambda connection: sqlite_fast_path.run(connection, "BEGIN IMMEDIATE"))
    return engine


def one_at_a_time(connection: Connection) -> None:
    """Keep others from making the same tables until this transaction ends; SQLite lets one write anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(MAKING_TABLES)))


def is_away(error: Exception) -> bool:
    """Whether an error of `AWAY` is the database's and not the statement's."""
    if isinstance(error, ProgrammingError):
        return getattr(error.orig, "pgcode", None) == UNDEFINED_TABLE
    return isinstance(error, AWAY)


def file_of(engine: Engine) -> tuple[int, int] | None:
    """Which file an SQLite database is in now; None where there is none."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    try:
        found = Path(engine.url.database).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction; while another process holds SQLite's lock, other greenlets run."""
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
    """A server may have been started again since a connection was used."""
    return {} if url.get_backend_name() == "sqlite" else {"pool_pre_ping": True}


def _prepared(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    if engine.dialect.driver == "psycopg2":
        engine.dialect.loaded_dbapi.extensions.set_wait_callback(_wait)
    return engine


def _wait(connection: Any) -> None:
    """Let other greenlets run until psycopg2's connection can go on; as eventlet's own, but not for ever."""
    from psycopg2 import OperationalError, extensions

    too_late = OperationalError(f"no answer in {SECONDS_TO_ANSWER:g} s")
    while (state := connection.poll()) != extensions.POLL_OK:
        reads = state == extensions.POLL_READ
        trampoline(connection.fileno(), read=reads, write=not reads, timeout=SECONDS_TO_ANSWER, timeout_exc=too_late)


def _set_up_sqlite(connection: Any, record: object) -> None:
    """Readers beside a writer; a transaction is on disk at the next checkpoint, for a read model can be rebuilt."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=0", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection, deadline: float) -> bool:
    """Whether a transaction could be begun now; for another process's lock one can wait until the deadline."""
    try:
        connection.begin()
    except OperationalError as error:
        if "locked" in str(error) and time.monotonic() < deadline:
            return False
        raise
    return True
