"""State of subscriptions: checkpoints, leases and dead letters, in MongoDB.

Dead letters of one subscription and correlation id are one document, since they are retried and settled together. It is
replaced by compare-and-set on its `revision`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument

from event_store_svc.mongodb.database import Document, MongoLogDatabase
from event_store_svc.patience import Outrun
from event_store_svc.store import Clock
from shop.contracts.codec import dump_time
from shop.contracts.errors import UnknownDeadLetter
from shop.contracts.wire import KeptLetter, Letter

SET_ASIDE = "set_aside"
RETRYING = "retrying"

INDEXES = [
    IndexModel([("subscription", ASCENDING), ("correlation_id", ASCENDING)], unique=True),
    IndexModel([("letters.id", ASCENDING)], unique=True),
]
LAST_ID = "last_dead_letter"


class MongoSubscriptions:
    """Implements `store.Subscriptions`."""

    def __init__(self, database: MongoLogDatabase, clock: Clock) -> None:
        self._database = database
        self._checkpoints = database.checkpoints
        self._leases = database.leases
        self._files = database.dead_letters
        self._clock = clock

    def checkpoints(self) -> Mapping[str, int]:
        found = self._database.patiently(lambda: list(self._checkpoints.find()))
        return {document["_id"]: document["position"] for document in found}

    def checkpoint(self, name: str) -> int:
        found = self._database.patiently(lambda: self._checkpoints.find_one({"_id": name}))
        return found["position"] if found else 0

    # Leases

    def take_lease(self, name: str, holder: str, seconds: float) -> str:
        now = int(self._clock().timestamp() * 1000)
        mine = {"holder": holder, "taken": now, "expires": now + int(seconds * 1000)}

        def work() -> str:
            known = self._leases.find_one({"_id": name})
            if known is None:
                self._leases.insert_one({"_id": name, **mine})
                return holder
            # Called every second by every service, mostly without a change. A lease that was taken in
            # the future is void: the clock was set back since.
            ends = known["expires"] - (int(seconds * 500) if known["holder"] == holder else 0)
            if known["taken"] <= now < ends:
                return str(known["holder"])
            if self._leases.update_one(known, {"$set": mine}).matched_count != 1:
                raise Outrun
            return holder

        return self._database.patiently(work)

    def release_lease(self, name: str, holder: str) -> None:
        self._database.patiently(lambda: self._leases.delete_one({"_id": name, "holder": holder}))

    # Dead letters

    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        now = dump_time(self._clock())
        for letter in letters:
            self._database.patiently(partial(self._set_aside, subscription, letter, now))

    def _set_aside(self, subscription: str, letter: Letter, now: str) -> None:
        """A new letter joins those of its correlation id, even while they are retried.

        A known letter has failed again, or is repeated because its sender got no answer.
        """
        key = {"subscription": subscription, "correlation_id": letter["correlation_id"]}
        file = self._files.find_one(key) or {**key, "state": SET_ASIDE, "letters": []}
        known = next((kept for kept in file["letters"] if _is_same(kept, letter)), None)
        if known is None:
            added = {"id": self._new_id(), "at": now, **_without_correlation(letter)}
            self._replace(file, {"letters": [*file["letters"], added]})
        elif letter["attempts"] > known["attempts"]:
            again = {**known, "error": letter["error"], "attempts": letter["attempts"], "at": now}
            letters = [again if kept is known else kept for kept in file["letters"]]
            self._replace(file, {"letters": letters, "state": SET_ASIDE})

    def restore(self, checkpoints: Mapping[str, int], letters: Sequence[KeptLetter]) -> None:
        """Replace all checkpoints and dead letters by these. Idempotent."""
        self._checkpoints.delete_many({})
        self._files.delete_many({})
        for name, position in checkpoints.items():
            self._checkpoints.insert_one({"_id": name, "position": position})
        files: dict[tuple[str, str], Document] = {}
        for letter in letters:
            subscription, correlation_id = key = letter["subscription"], letter["correlation_id"]
            new = {"subscription": subscription, "correlation_id": correlation_id, "state": letter["state"]}
            file = files.setdefault(key, {**new, "revision": 1, "letters": []})
            kept = {name: letter[name] for name in ("position", "reaction", "error", "attempts", "at")}
            file["letters"].append({"id": self._new_id(), **kept})
        for file in files.values():
            self._files.insert_one(file)

    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]:
        wanted = {} if subscription is None else {"subscription": subscription}
        files = self._database.patiently(lambda: list(self._files.find(wanted)))
        letters = [_letter(file, kept) for file in files for kept in file["letters"]]
        return sorted(letters, key=lambda letter: (letter["position"], letter["id"]))

    def retrying(self, subscription: str) -> Sequence[str]:
        wanted = {"subscription": subscription, "state": RETRYING}
        files = self._database.patiently(lambda: list(self._files.find(wanted)))
        files.sort(key=lambda file: min(kept["position"] for kept in file["letters"]))
        return [file["correlation_id"] for file in files]

    def retry(self, letter_id: int) -> None:
        change = {"$set": {"state": RETRYING}, "$inc": {"revision": 1}}
        changed = self._database.patiently(lambda: self._files.update_one({"letters.id": letter_id}, change))
        if not changed.matched_count:
            raise UnknownDeadLetter(letter_id)

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        def work() -> None:
            file = self._files.find_one({"subscription": subscription, "correlation_id": correlation_id})
            if file is None:
                return
            left = [kept for kept in file["letters"] if kept["position"] > position]
            if left:
                self._replace(file, {"letters": left})
            elif not self._files.delete_one(_as_it_was(file)).deleted_count:
                raise Outrun

        self._database.patiently(work)

    def _new_id(self) -> int:
        """An id that is never reused, even after its letter is settled."""
        counter: Any = self._database.log.find_one_and_update(
            {"_id": LAST_ID}, {"$inc": {"number": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return int(counter["number"])

    def _replace(self, file: Document, changes: Mapping[str, Any]) -> None:
        """Raises: Outrun or a duplicate key, on a write conflict."""
        changed = {**file, **changes, "revision": file.get("revision", 0) + 1}
        if "_id" not in file:
            self._files.insert_one(changed)
        elif not self._files.replace_one(_as_it_was(file), changed).matched_count:
            raise Outrun


def _as_it_was(file: Document) -> Document:
    return {"_id": file["_id"], "revision": file["revision"]}


def _is_same(kept: Document, letter: Letter) -> bool:
    return bool(kept["position"] == letter["position"] and kept["reaction"] == letter["reaction"])


def _without_correlation(letter: Letter) -> Document:
    return {key: value for key, value in letter.items() if key != "correlation_id"}


def _letter(file: Document, kept: Document) -> KeptLetter:
    return KeptLetter(
        id=kept["id"],
        subscription=file["subscription"],
        correlation_id=file["correlation_id"],
        state=file["state"],
        position=kept["position"],
        reaction=kept["reaction"],
        error=kept["error"],
        attempts=kept["attempts"],
        at=kept["at"],
    )
