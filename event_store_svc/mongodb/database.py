"""The connection to MongoDB: durability and timeouts."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database as MongoDatabase
from pymongo.errors import ConfigurationError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from event_store_svc.patience import Outrun, for_a_while, patiently

T = TypeVar("T")
Document = dict[str, Any]

TIME_OUTS: Mapping[str, Any] = {
    "connectTimeoutMS": 2_000,
    "serverSelectionTimeoutMS": 1_000,
    "socketTimeoutMS": 5_000,
    "waitQueueTimeoutMS": 2_000,
}
"""Most are shorter than PATIENCE, so that errors name the cause. A group commit may take longer than a connection."""

ON_DISK = WriteConcern(w="majority", j=True, wtimeout=4_000)
"""Acknowledged writes are on the disks of a majority: they survive power cuts and failovers."""


class MongoLogDatabase:
    """The collections of one database, with retries.

    Reads are from the primary and of majority-committed data: a failover cannot roll back commits that a reader has
    seen.

    Args:
        url: `mongodb://…/database`, as MongoDB writes it.

    Raises:
        ValueError: not such a URL, or one without a database.
    """

    def __init__(self, url: str) -> None:
        self._client = _client(url)
        database = _database(self._client)
        self.log: Collection[Document] = database["log"]
        self.commits: Collection[Document] = database["log_commits"]
        self.checkpoints: Collection[Document] = database["log_checkpoints"]
        self.leases: Collection[Document] = database["log_leases"]
        self.snapshots: Collection[Document] = database["log_snapshots"]
        self.dead_letters: Collection[Document] = database["log_dead_letters"]

    def patiently(self, work: Callable[[], T]) -> T:
        """Do the work, with retries until it succeeds or PATIENCE has passed.

        Raises:
            ServiceUnavailable: writes of the work may have been done nevertheless, partly or wholly.
        """
        return patiently(work, (PyMongoError, Outrun))

    def within(self, seconds: float, work: Callable[[], T]) -> T:
        """The same within so many seconds. Raises: ServiceUnavailable."""
        return for_a_while(seconds, work, (PyMongoError, Outrun))

    def close(self) -> None:
        self._client.close()


def _client(url: str) -> MongoClient[Document]:
    """A client that connects on first use, and reconnects when needed."""
    try:
        return MongoClient(url, connect=False, appname="nameko-shop", **TIME_OUTS)
    except (PyMongoError, ValueError) as error:
        raise ValueError(f"this is not a URL of MongoDB: {error}") from error


def _database(client: MongoClient[Document]) -> MongoDatabase[Document]:
    try:
        return client.get_default_database(
            read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY, write_concern=ON_DISK
        )
    except ConfigurationError as error:
        raise ValueError("it must name a database, as in mongodb://host:27017/shop_log") from error
