"""The connection to MongoDB: what is promised when it answers, and how long it may take."""

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
"""Most are below the patience, so that their reasons are seen. A group commit may take longer than a connection."""

ON_DISK = WriteConcern(w="majority", j=True, wtimeout=4_000)
"""An answer means that a majority has it on disk: neither a power cut nor the loss of a primary takes it back."""


class Database:
    """The collections of one database, and patience with them.

    Whatever is read is on a majority, too, and from the primary: a reader that acted on what a failover takes back
    would have seen a log that never was.

    Args:
        url: `mongodb://…/database`, as MongoDB writes it.

    Raises:
        ValueError: not such a URL, or it names no database.
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
        """Do the work, again and again until it succeeds or the patience ends.

        Raises:
            ServiceUnavailable: if the work writes, it may have been done all the same, in part or whole.
        """
        return patiently(work, (PyMongoError, Outrun))

    def within(self, seconds: float, work: Callable[[], T]) -> T:
        """The same, with less patience. Raises: ServiceUnavailable."""
        return for_a_while(seconds, work, (PyMongoError, Outrun))

    def close(self) -> None:
        self._client.close()


def _client(url: str) -> MongoClient[Document]:
    """Not connected yet: its first use connects, and every later one again where that is needed."""
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
