"""One database in a CouchDB."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from shop.read_models.couchdb.server import Refused, Server

Document = dict[str, Any]

LAST = "\N{REPLACEMENT CHARACTER}"
"""Comes after all characters of our ids."""
SECONDS_TO_COMPUTE = 60
REVISIONS_KEPT = 20
"""Of each document's history. CouchDB would keep a thousand, and write them with each change of the checkpoint."""


class Database:
    """Its documents and views. All methods but `create` and `delete` raise Missing where there is no such database."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self.name = name

    def create(self) -> None:
        """Raises: Conflict, if it is there."""
        self._server.call("PUT", self.name)
        # Saves space and time, and nothing else: servers that only speak CouchDB's API do without.
        with suppress(Refused):
            self._server.call("PUT", self.name, "_revs_limit", body=REVISIONS_KEPT)

    def delete(self) -> None:
        """Raises: Missing."""
        self._server.call("DELETE", self.name)

    # Documents

    def read(self, ids: Collection[str]) -> dict[str, Document]:
        """Those that there are, by id."""
        # Asked for as a list, also for one: a document that is not there is told apart from a database that is not.
        keys = {"keys": list(ids)}
        answer = self._server.call("POST", self.name, "_all_docs", safe=True, include_docs=True, body=keys)
        return {row["id"]: row["doc"] for row in answer["rows"] if row.get("doc")}

    def read_range(self, *, after: str, before: str, limit: int) -> Sequence[Document]:
        """Documents with ids between these two, in their order."""
        answer = self._server.call(
            "GET", self.name, "_all_docs", include_docs=True, startkey=after, endkey=before, limit=limit + 2
        )
        inside = [row["doc"] for row in answer["rows"] if row["id"] not in (after, before)]
        return inside[:limit]

    def put(self, document: Document) -> None:
        """Make it, or change the revision that was read. Raises: Conflict, if there is another one by now."""
        self._server.call("PUT", self.name, *document["_id"].split("/"), body=document)

    def write(self, documents: Sequence[Document]) -> set[str]:
        """Put many at once, each for itself. Returns: the ids of those in conflict."""
        answers = self._server.call("POST", self.name, "_bulk_docs", body={"docs": documents}) if documents else []
        failed = {answer["id"]: answer["error"] for answer in answers if "error" in answer}
        if others := set(failed.values()) - {"conflict"}:
            raise self._server.unavailable(f"it does not take documents: {', '.join(sorted(others))}")
        return set(failed)

    # Views

    def define(self, name: str, views: Mapping[str, Mapping[str, str]]) -> None:
        """Make a design document. Its views are computed when they are asked for, together."""
        self.put({"_id": f"_design/{name}", "language": "javascript", "views": views})

    def compute(self, design: str, view: str) -> None:
        """Have a view computed for all that was written before, so that nobody has to wait for it later."""
        self._server.call("GET", self.name, "_design", design, "_view", view, limit=0, seconds=SECONDS_TO_COMPUTE)

    def view(self, design: str, view: str, **query: Any) -> Sequence[Any]:
        """The rows of a view, with all that was written before."""
        rows: Sequence[Any] = self._server.call("GET", self.name, "_design", design, "_view", view, **query)["rows"]
        return rows
