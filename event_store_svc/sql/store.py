"""A log in an SQL database."""

import os
from collections.abc import Mapping, Sequence
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import ProgrammingError

from event_store_svc.domain import Link
from event_store_svc.patience import Outrun
from event_store_svc.sql import restoring, tables
from event_store_svc.sql.commits import SqlCommits
from event_store_svc.sql.database import SqlLogDatabase
from event_store_svc.sql.snapshots import SqlSnapshots
from event_store_svc.sql.subscriptions import SqlSubscriptions
from event_store_svc.sql.upgrading import keep_form, require_known_form, upgrade
from event_store_svc.store import TRIAL_BYTES, TRIAL_SECONDS, Clock, utc_now
from shop.contracts.wire import KeptLetter


class SqlStore:
    """Implements `store.Store`. Several processes may share a database.

    Args:
        url: SQLAlchemy's, of a file or a server.

    Raises:
        ValueError: not such a URL, or its driver is not installed.
    """

    log_id: str
    commits: SqlCommits
    subscriptions: SqlSubscriptions
    snapshots: SqlSnapshots

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self._database = SqlLogDatabase(url)
        self._clock = clock

    def open(self) -> None:
        log_id = self._database.write(_make_log)
        self.look()
        self.commits = SqlCommits(self._database, log_id, self._clock)
        self.subscriptions = SqlSubscriptions(self._database, self._clock)
        self.snapshots = SqlSnapshots(self._database)

    def close(self) -> None:
        self._database.close()

    def look(self) -> str:
        self.log_id = self._database.read(restoring.look)
        return self.log_id

    def try_to_write(self) -> None:
        self._database.write_within(TRIAL_SECONDS, _write_trial)

    def restore(self, log_id: str, links: Sequence[Link]) -> None:
        self._database.write(lambda connection: restoring.restore(connection, log_id, links))
        self.look()

    def end_restore(self, checkpoints: Mapping[str, int], letters: Sequence[KeptLetter]) -> None:
        self._database.write(lambda connection: restoring.end_restore(connection, checkpoints, letters))


def _write_trial(connection: Connection) -> None:
    body = os.urandom(TRIAL_BYTES)  # random: a file system may compress anything else
    if connection.execute(update(tables.trial).values(body=body)).rowcount == 0:
        connection.execute(insert(tables.trial).values(only=1, body=body))


def _make_log(connection: Connection) -> str:
    """The log's id, created at its first start. Raises: LaterForm."""
    try:
        require_known_form(connection)
        upgrade(connection)
        tables.metadata.create_all(connection)
        keep_form(connection)
    except ProgrammingError as error:
        raise Outrun from error  # another process writes the same row
    if log_id := connection.scalar(select(tables.log.c.id)):
        return str(log_id)
    log_id = str(uuid4())
    connection.execute(insert(tables.log).values(only=1, id=log_id))
    return log_id
