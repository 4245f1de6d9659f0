"""Idempotent changes of documents.

CouchDB has no transaction over several documents. A batch may be interrupted and repeated, and another process may be
applying the same batch. So each document records the log position of its last change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.read_models.couchdb.database import CouchDatabase, Document
from shop.read_models.couchdb.server import RevisionConflict

APPLIED = "applied"
"""The field that holds the position of a document's last change."""
ROUNDS = 10
"""Retries after conflicts: the number of conflicting changes in a batch is finite."""


@dataclass(frozen=True)
class Change:
    """The effect of an event on a document.

    Args:
        makes: whether the change creates the document; otherwise it changes an existing one.
    """

    id: str
    position: int
    fields: Mapping[str, Any]
    makes: bool


def carry_out(database: CouchDatabase, changes: Sequence[Change]) -> None:
    """Apply changes to their documents.

    Args:
        changes: in the order of their positions; all that a position does to a document is among them.

    Raises:
        Conflict: another process keeps changing them.
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
    raise RevisionConflict(", ".join(by_document))


def _changed(document: Document | None, changes: Iterable[Change]) -> Document | None:
    """The document after the changes that it does not have yet; None if there is nothing to write."""
    shown = document[APPLIED] if document else 0
    after = document
    for change in changes:
        if change.position > shown and (after or change.makes):
            after = {**(after or {"_id": change.id}), **change.fields, APPLIED: change.position}
    return None if after is document else after
