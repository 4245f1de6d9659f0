"""Reads a whole read model in CouchDB while projections continue."""

from collections.abc import Iterator, Sequence

import eventlet

from shop.contracts.errors import ServiceUnavailable
from shop.read_models.couchdb.changes import APPLIED
from shop.read_models.couchdb.database import Document
from shop.read_models.couchdb.documents import Documents
from shop.read_models.read_model import PageOfRows

AT_ONCE = 200
"""Documents to read before other greenlets run."""
TRIES = 100
SECONDS_BETWEEN_TRIES = 0.05


class CouchSnapshot:
    """Each page is consistent at its own position."""

    def __init__(self, service: str, documents: Documents) -> None:
        self._service = service
        self._documents = documents

    @property
    def tables(self) -> Sequence[str]:
        return self._documents.tables

    def pages(self, table: str) -> Iterator[PageOfRows]:
        after = ""
        while True:
            position, found = self._settled(table, after)
            yield PageOfRows(position, dict(found))
            if len(found) < AT_ONCE:
                return
            after = found[-1][0]
            eventlet.sleep(0)

    def _settled(self, table: str, after: str) -> tuple[int, Sequence[tuple[str, Document]]]:
        """A page without documents of a batch in progress.

        All documents up to the checkpoint are written before it. So a document without later changes is as it was at
        the checkpoint.
        """
        for _ in range(TRIES):
            position = self._documents.checkpoint()["position"]
            found = self._documents.table(table, after, AT_ONCE)
            if all(document[APPLIED] <= position for _, document in found):
                return position, found
            eventlet.sleep(SECONDS_BETWEEN_TRIES)
        raise ServiceUnavailable(self._service)
