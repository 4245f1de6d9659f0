"""Changes of documents that may be carried out again, in part or as a whole, without a difference.

CouchDB has no transaction over several documents. Whoever is interrupted between two of them begins again, and
whoever believes to be alone may not be. So each document says up to which position it shows the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.read_models.couchdb.database import Database, Document
from shop.read_models.couchdb.server import Conflict

APPLIED = "applied"
"""The field that holds the position of a document's last change."""
ROUNDS = 10
"""Somebody else's changes lead to conflicts, and sooner or later there are none left."""


@dataclass(frozen=True)
class Change:
    """What an event at a position does to a document.

    Args:
        makes: whether there is a document from then on; otherwise it changes one that is there.
    """

    id: str
    position: int
    fields: Mapping[str, Any]
    makes: bool


def carry_out(database: Database, changes: Sequence[Change]) -> None:
    """Bring the documents of these changes to their state after them.

    Args:
        changes: in the order of their positions; all that a position does to a document is among them.

    Raises:
        Conflict: somebody else keeps changing them.
    """
    by_document: dict[str, list[Change]] = {}
    for change in changes:
        by_document.setdefault(change.id, []).append(change)
    for _ in range(ROUNDS):
        if not by_document:
            return
        read = database.read(by_document)
        changed = [_changed(read.get(key), due) for key, due in by_document.items()]
        in_conflict = database.write([document for document in changed if document])
        by_document = {key: by_document[key] for key in in_conflict}
    raise Conflict(", ".join(by_document))


def _changed(document: Document | None, changes: Iterable[Change]) -> Document | None:
    """The document after those changes that it does not show yet; None if nothing is to be written."""
    shown = document[APPLIED] if document else 0
    after = document
    for change in changes:
        if change.position > shown and (after or change.makes):
            after = {**(after or {"_id": change.id}), **change.fields, APPLIED: change.position}
    return None if after is document else after
