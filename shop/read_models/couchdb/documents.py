"""A service's read model as documents: base of the classes that know them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from shop.contracts.errors import NotReady
from shop.read_models.couchdb.changes import Change
from shop.read_models.couchdb.database import LAST, Database, Document
from shop.read_models.couchdb.server import Missing

DESIGN = "shown"
"""The design document with the service's views."""
CHECKPOINT = "checkpoint"
TRIAL = "trial"
"""The document that says how far the namespace has come. All others have ids such as `invoices:2026-000123`."""

View = Mapping[str, str]
"""`map`, in JavaScript as of 2009, and perhaps `reduce`, one of the functions that CouchDB comes with."""


class Documents:
    """A service's documents, and its questions as methods. Subclasses are the only code that knows them.

    A document belongs to a table and has a key in it. Its id is both, `invoices:2026-000123`; for views, its field
    `table` says the first once more.

    Args:
        database: that of the namespace.
    """

    schema_version: ClassVar[int] = 1
    tables: ClassVar[Sequence[str]] = ()
    views: ClassVar[Mapping[str, View]] = {}
    """Made with each namespace; whoever changes them raises the schema version."""

    def __init__(self, service: str, database: Callable[[], Database]) -> None:
        self._service = service
        self._database = database
        self.changes: list[Change] = []
        """What projections have asked for, to be carried out together."""

    # For projections

    def put(self, position: int, table: str, key: str, fields: Mapping[str, Any]) -> None:
        """Make a document."""
        self.changes.append(Change(_id(table, key), position, {"table": table, **fields}, makes=True))

    def change(self, position: int, table: str, key: str, **fields: Any) -> None:
        """Change fields of a document, if it is there."""
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
        """Keys and documents in the order of their keys, from the first one after a key on. Raises: NotReady."""
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

    def _asked(self, ask: Callable[[Database], Any]) -> Any:
        try:
            return ask(self._database())
        except Missing as error:
            raise NotReady(self._service) from error


def _id(table: str, key: str) -> str:
    return f"{table}:{key}"
