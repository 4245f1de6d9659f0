"""Base class of a service's read model in documents."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from shop.contracts.errors import NotReady
from shop.read_models.couchdb.changes import Change
from shop.read_models.couchdb.database import LAST, CouchDatabase, Document
from shop.read_models.couchdb.server import Missing

DESIGN = "shown"
"""Name of the design document with the service's views."""
CHECKPOINT = "checkpoint"
"""The document with the namespace's position. All others but TRIAL have ids such as `invoices:2026-000123`."""
TRIAL = "trial"
"""The document that health checks write."""

View = Mapping[str, str]
"""`map`, in the JavaScript of 2009, and optionally `reduce`, one of CouchDB's built-in functions."""


class Documents:
    """A service's documents, and its queries as methods. Only subclasses know the documents' content.

    A document belongs to a table and has a key in it. Its id is both, `invoices:2026-000123`; views use its field
    `table`.

    Args:
        database: the namespace's database.
    """

    schema_version: ClassVar[int] = 1
    tables: ClassVar[Sequence[str]] = ()
    views: ClassVar[Mapping[str, View]] = {}
    """Created with each namespace. A change of the views requires a higher schema version."""

    def __init__(self, service: str, database: Callable[[], CouchDatabase]) -> None:
        self._service = service
        self._database = database
        self.changes: list[Change] = []
        """Changes requested by projections, to be applied together."""

    # For projections

    def put(self, position: int, table: str, key: str, fields: Mapping[str, Any]) -> None:
        """Create a document."""
        self.changes.append(Change(_id(table, key), position, {"table": table, **fields}, makes=True))

    def change(self, position: int, table: str, key: str, **fields: Any) -> None:
        """Change fields of a document, if it exists."""
        self.changes.append(Change(_id(table, key), position, fields, makes=False))

    # For readers

    def document(self, table: str, key: str) -> Document | None:
        """Raises: NotReady."""
        return self._read(_id(table, key))

    def view(self, name: str, **query: Any) -> Sequence[Any]:
        """The rows of a view. Raises: NotReady."""
        rows: Sequence[Any] = self._asked(lambda database: database.view(DESIGN, name, **query))
        return rows

    def table(self, table: str, after: str, limit: int) -> Sequence[tuple[str, Document]]:
        """Keys and documents in order of their keys, starting after a key. Raises: NotReady."""
        found = self._asked(
            lambda database: database.read_range(after=_id(table, after), before=_id(table, LAST), limit=limit)
        )
        return [(document["_id"].partition(":")[2], document) for document in found]

    def checkpoint(self) -> Document:
        """Raises: NotReady."""
        found = self._read(CHECKPOINT)
        if found is None:
            raise NotReady(self._service)
        return found

    def _read(self, key: str) -> Document | None:
        found: Document | None = self._asked(lambda database: database.read([key])).get(key)
        return found

    def _asked(self, ask: Callable[[CouchDatabase], Any]) -> Any:
        try:
            return ask(self._database())
        except Missing as error:
            raise NotReady(self._service) from error


def _id(table: str, key: str) -> str:
    return f"{table}:{key}"
