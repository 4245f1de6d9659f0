"""One database in a CouchDB."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from shop.read_models.couchdb.server import Refused, Server

Document = dict[str, Any]

LAST = "\N{REPLACEMENT CHARACTER}"
"""Sorts after all characters of our ids."""
SECONDS_TO_COMPUTE = 60
REVISIONS_KEPT = 20
"""Per document. CouchDB would keep a thousand, and write them with each change of the checkpoint."""


class CouchDatabase:
    """Documents and views of a database. All methods but `create` and `delete` raise Missing without the database."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self.name = name

    def create(self) -> None:
        """Raises: Conflict, if the database exists."""
        self._server.call("PUT", self.name)
        # An optimisation only: other servers with CouchDB's API may not support it.
        with suppress(Refused):
            self._server.call("PUT", self.name, "_revs_limit", body=REVISIONS_KEPT)

    def delete(self) -> None:
        """Raises: Missing."""
        self._server.call("DELETE", self.name)

    # Documents

    def read(self, ids: Collection[str]) -> dict[str, Document]:
        """Existing documents by id."""
        # A list query, even for one id: it distinguishes a missing document from a missing database.
        keys = {"keys": list(ids)}
        answer = self._server.call("POST", self.name, "_all_docs", safe=True, include_docs=True, body=keys)
        return {row["id"]: row["doc"] for row in answer["rows"] if row.get("doc")}

    def read_range(self, *, after: str, before: str, limit: int) -> Sequence[Document]:
        """Documents with ids between these two, in order of their ids."""
        answer = self._server.call(
            "GET", self.name, "_all_docs", include_docs=True, startkey=after, endkey=before, limit=limit + 2
        )
        inside = [row["doc"] for row in answer["rows"] if row["id"] not in (after, before)]
        return inside[:limit]

    def put(self, document: Document) -> None:
        """Create the document, or replace the revision that was read. Raises: Conflict, if it has a newer revision."""
        self._server.call("PUT", self.name, *document["_id"].split("/"), body=document)

    def write(self, documents: Sequence[Document]) -> set[str]:
        """Write many documents, each on its own. Returns: the ids of those in conflict."""
        answers = self._server.call("POST", self.name, "_bulk_docs", body={"docs": documents}) if documents else []
        failed = {answer["id"]: answer["error"] for answer in answers if "error" in answer}
        if others := set(failed.values()) - {"conflict"}:
            raise self._server.unavailable(f"it does not take documents: {', '.join(sorted(others))}")
        return set(failed)

    # Views

    def define(self, name: str, views: Mapping[str, Mapping[str, str]]) -> None:
        """Create a design document. Its views are indexed together, on the first query."""
        self.put({"_id": f"_design/{name}", "language": "javascript", "views": views})

    def compute(self, design: str, view: str) -> None:
        """Update a view's index, so that no later query has to wait for it."""
        self._server.call("GET", self.name, "_design", design, "_view", view, limit=0, seconds=SECONDS_TO_COMPUTE)

    def view(self, design: str, view: str, **query: Any) -> Sequence[Any]:
        """The rows of a view, including all previous writes."""
        rows: Sequence[Any] = self._server.call("GET", self.name, "_design", design, "_view", view, **query)["rows"]
        return rows
