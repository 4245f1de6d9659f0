"""A log in MongoDB, as a whole."""

from uuid import uuid4

from event_store_svc.mongodb import commits, subscriptions
from event_store_svc.mongodb.commits import MongoCommits
from event_store_svc.mongodb.database import Database
from event_store_svc.mongodb.subscriptions import MongoSubscriptions
from event_store_svc.store import Clock, utc_now

ID = "id"


class MongoStore:
    """Implements `store.Store`. Several processes may use one database at once.

    Args:
        url: `mongodb://…/database`, as MongoDB writes it.

    Raises:
        ValueError: not such a URL, or it names no database.
    """

    log_id: str
    commits: MongoCommits
    subscriptions: MongoSubscriptions

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self._database = Database(url)
        self._clock = clock

    def open(self) -> None:
        self.log_id = self._database.patiently(self._make_log)
        self.commits = MongoCommits(self._database, self.log_id, self._clock)
        self.subscriptions = MongoSubscriptions(self._database, self._clock)

    def close(self) -> None:
        self._database.close()

    def _make_log(self) -> str:
        """The log's id, made if this is its first start. Another process that is first makes us look again."""
        self._database.commits.create_indexes(commits.INDEXES)
        self._database.dead_letters.create_indexes(subscriptions.INDEXES)
        if known := self._database.log.find_one({"_id": ID}):
            return str(known["value"])
        log_id = str(uuid4())
        self._database.log.insert_one({"_id": ID, "value": log_id})
        return log_id
