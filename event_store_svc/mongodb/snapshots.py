"""Snapshots in MongoDB, one document each."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne

from event_store_svc.mongodb.database import MongoLogDatabase
from shop.contracts.wire import SnapshotWire

INDEXES = [IndexModel([("stream", ASCENDING), ("version", ASCENDING)], unique=True)]
IN_ORDER = [("stream", ASCENDING), ("version", ASCENDING)]
WITHOUT_ID = {"_id": False}


class MongoSnapshots:
    """Implements `store.Snapshots`."""

    def __init__(self, database: MongoLogDatabase) -> None:
        self._database = database
        self._snapshots = database.snapshots

    def keep(self, kept: Sequence[SnapshotWire]) -> None:
        written = [
            ReplaceOne({"stream": one["stream"], "version": one["version"]}, dict(one), upsert=True) for one in kept
        ]
        if written:
            self._database.patiently(lambda: self._snapshots.bulk_write(written))

    def latest(self, stream: str, form: str, at_most: int) -> SnapshotWire | None:
        wanted = {"stream": stream, "form": form, "version": {"$lte": at_most}}
        found = self._found(wanted, [("version", DESCENDING)], limit=1)
        return found[0] if found else None

    def after(self, stream: str, version: int, limit: int) -> Sequence[SnapshotWire]:
        rest_of_stream = {"stream": stream, "version": {"$gt": version}}
        return self._found({"$or": [rest_of_stream, {"stream": {"$gt": stream}}]}, IN_ORDER, limit)

    def _found(self, wanted: Mapping[str, Any], order: Sequence[tuple[str, int]], limit: int) -> Sequence[SnapshotWire]:
        def work() -> list[Any]:
            return list(self._snapshots.find(wanted, WITHOUT_ID).sort(order).limit(limit))

        return [cast(SnapshotWire, document) for document in self._database.patiently(work)]
