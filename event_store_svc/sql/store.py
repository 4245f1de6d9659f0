"""A log in an SQL database, as a whole."""

from uuid import uuid4

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import ProgrammingError

from event_store_svc.patience import Outrun
from event_store_svc.sql import tables
from event_store_svc.sql.commits import SqlCommits
from event_store_svc.sql.database import Database
from event_store_svc.sql.subscriptions import SqlSubscriptions
from event_store_svc.store import Clock, utc_now


class SqlStore:
    """Implements `store.Store`. Several processes may use one database at once.

    Args:
        url: SQLAlchemy's, of a file or a server.

    Raises:
        ValueError: not such a URL, or its driver is not installed.
    """

    log_id: str
    commits: SqlCommits
    subscriptions: SqlSubscriptions

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self._database = Database(url)
        self._clock = clock

    def open(self) -> None:
        self.log_id = self._database.write(_make_log)
        self.commits = SqlCommits(self._database, self.log_id, self._clock)
        self.subscriptions = SqlSubscriptions(self._database, self._clock)

    def close(self) -> None:
        self._database.close()


def _make_log(connection: Connection) -> str:
    """The log's id, made if this is its first start."""
    try:
        tables.metadata.create_all(connection)
    except ProgrammingError as error:
        raise Outrun from error  # another process makes the same tables
    if log_id := connection.scalar(select(tables.log.c.id)):
        return log_id
    log_id = str(uuid4())
    connection.execute(insert(tables.log).values(only=1, id=log_id))
    return log_id
