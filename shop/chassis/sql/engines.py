"""Connections to SQL databases, and short transactions that let other greenlets run while they wait."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

SECONDS_FOR_A_LOCK = 5.0

AWAY = (OperationalError, InterfaceError, PoolExhausted)
"""What SQLAlchemy raises where a database does not answer."""


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
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=connections)
    _prepare_sqlite(engine)
    return engine


def writing_engine(url: URL) -> Engine:
    """An engine whose transactions take SQLite's write lock at their start, so that they cannot fail later for it."""
    engine = create_engine(url)
    _prepare_sqlite(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


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


def _prepare_sqlite(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)


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
