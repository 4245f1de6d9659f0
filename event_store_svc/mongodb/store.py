"""A log in MongoDB."""

import os
from collections.abc import Mapping, Sequence
from uuid import uuid4

from event_store_svc.compatibility import FORM, LaterForm
from event_store_svc.domain import Link
from event_store_svc.mongodb import commits, snapshots, subscriptions
from event_store_svc.mongodb.commits import MongoCommits
from event_store_svc.mongodb.database import MongoLogDatabase
from event_store_svc.mongodb.snapshots import MongoSnapshots
from event_store_svc.mongodb.subscriptions import MongoSubscriptions
from event_store_svc.patience import Outrun
from event_store_svc.restoring import Restoration, name_of, still_to_add
from event_store_svc.store import TRIAL_BYTES, TRIAL_SECONDS, Clock, utc_now
from shop.contracts.wire import KeptLetter

ID = "id"
TRIAL = "trial"
KEPT_FORM = "form"
"""Id of the document with the log's form, see `compatibility.FORM`."""


class MongoStore:
    """Implements `store.Store`. Several processes may share a database.

    Args:
        url: `mongodb://…/database`, as MongoDB writes it.

    Raises:
        ValueError: not such a URL, or one without a database.
    """

    log_id: str
    commits: MongoCommits
    subscriptions: MongoSubscriptions
    snapshots: MongoSnapshots

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self._database = MongoLogDatabase(url)
        self._clock = clock

    def open(self) -> None:
        log_id = self._database.patiently(self._make_log)
        self.look()
        self.commits = MongoCommits(self._database, log_id, self._clock)
        self.subscriptions = MongoSubscriptions(self._database, self._clock)
        self.snapshots = MongoSnapshots(self._database)

    def close(self) -> None:
        self._database.close()

    def look(self) -> str:
        self.log_id = self._database.patiently(lambda: name_of(self._id(), self._restoration()))
        return self.log_id

    def try_to_write(self) -> None:
        body = {"$set": {"value": os.urandom(TRIAL_BYTES)}}
        self._database.within(TRIAL_SECONDS, lambda: self._database.log.update_one({"_id": TRIAL}, body, upsert=True))

    # Restoring

    def restore(self, log_id: str, links: Sequence[Link]) -> None:
        self._database.patiently(lambda: self._restore(log_id, links))
        self.look()

    def _restore(self, copied_id: str, links: Sequence[Link]) -> None:
        log_id, restoration, tail = self._id(), self._restoration(), self.commits.tail()
        fresh = still_to_add(links, tail, restoration, log_id=log_id, copied_id=copied_id)
        if restoration is None:
            self._begin(log_id, copied_id, fresh[:1])
            fresh = fresh[1:]
        if fresh:
            self.commits.insert(fresh)

    def _begin(self, log_id: str, copied_id: str, first: Sequence[Link]) -> None:
        """Mark the log as being restored before its first commit, so that no process appends in between."""
        begun = Restoration.begun()
        mark = {"_id": commits.RESTORATION, "mark": begun.mark, "under_way": begun.under_way}
        self._database.log.insert_one(mark)
        self._database.log.update_one({"_id": ID}, {"$set": {"value": copied_id}})
        try:
            self.commits.insert(first)
        except Outrun:
            # A concurrent append has taken the first position.
            self._database.log.update_one({"_id": ID}, {"$set": {"value": log_id}})
            self._database.log.delete_one({"_id": commits.RESTORATION})
            raise

    def end_restore(self, checkpoints: Mapping[str, int], letters: Sequence[KeptLetter]) -> None:
        def work() -> None:
            restoration = self._restoration()
            if restoration is None or not restoration.under_way:
                return
            self.subscriptions.restore(checkpoints, letters)
            self._database.log.update_one({"_id": commits.RESTORATION}, {"$set": {"under_way": False}})

        self._database.patiently(work)

    def _id(self) -> str:
        (kept,) = self._database.log.find({"_id": ID})
        return str(kept["value"])

    def _restoration(self) -> Restoration | None:
        kept = self._database.log.find_one({"_id": commits.RESTORATION})
        return Restoration(kept["mark"], kept["under_way"]) if kept else None

    def _make_log(self) -> str:
        """The log's id, created at its first start. After a conflict with another process it is read again.

        Raises:
            LaterForm.
        """
        self._keep_form()
        self._database.commits.create_indexes(commits.INDEXES)
        self._database.dead_letters.create_indexes(subscriptions.INDEXES)
        self._database.snapshots.create_indexes(snapshots.INDEXES)
        if known := self._database.log.find_one({"_id": ID}):
            return str(known["value"])
        log_id = str(uuid4())
        self._database.log.insert_one({"_id": ID, "value": log_id})
        return log_id

    def _keep_form(self) -> None:
        """Store the log's present form, so that earlier versions refuse the log. Raises: LaterForm."""
        kept = self._database.log.find_one({"_id": KEPT_FORM})
        if kept and kept["value"] > FORM:
            raise LaterForm(kept["value"])
        if not kept or kept["value"] < FORM:
            self._database.log.update_one({"_id": KEPT_FORM}, {"$set": {"value": FORM}}, upsert=True)
