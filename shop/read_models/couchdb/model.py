"""Adapter of the read model's port on CouchDB.

Each namespace is a database with its checkpoint as a document, so both can only be lost together. There is no other
state.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from nameko.containers import WorkerContext

from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved, NotReady
from shop.read_models.couchdb.address import CouchAddress
from shop.read_models.couchdb.changes import carry_out
from shop.read_models.couchdb.database import LAST, CouchDatabase, Document
from shop.read_models.couchdb.documents import CHECKPOINT, DESIGN, TRIAL, Documents
from shop.read_models.couchdb.server import Missing, RevisionConflict, Server
from shop.read_models.couchdb.snapshot import CouchSnapshot
from shop.read_models.read_model import Apply, Namespace
from shop.read_models.stores import Adapter


class CouchReadModel(Adapter):
    """A read model in databases called `<prefix>-r<number>`, the newest ready one being current.

    Args:
        documents: creates the service's documents and answers its queries.
    """

    schemes = ("couchdb",)

    def __init__(self, documents: type[Documents]) -> None:
        super().__init__()
        self.documents = documents
        self._current: int | None = None

    def open(self) -> None:
        try:
            address = CouchAddress.parse(self.url)
        except ValueError as error:
            raise self.wrong_url(error) from error
        self._service: str = self.container.service_name
        self._prefix = address.prefix
        # One connection for each worker, the runner, a rebuild and an audit.
        self._server = Server(address, self.container.max_workers + 3, self.unavailable)

    def stop(self) -> None:
        """Close the connections; there are none if the container is stopped during its start."""
        if hasattr(self, "_server"):
            self._server.close()

    kill = stop

    # Reading

    def get_dependency(self, worker_ctx: WorkerContext) -> Documents:  # noqa: ARG002 - Nameko's signature
        return self.documents(self._service, self._current_database)

    @contextmanager
    def reading(self) -> Iterator[Documents]:
        yield self.documents(self._service, self._current_database)

    @contextmanager
    def snapshot(self) -> Iterator[CouchSnapshot]:
        database = self._current_database()
        yield CouchSnapshot(self._service, self.documents(self._service, lambda: database))

    # The port `shop.read_models.read_model.ReadModel`

    @property
    def schema_version(self) -> int:
        return self.documents.schema_version

    def namespaces(self) -> Sequence[Namespace]:
        checkpoints = self._checkpoints()
        self._current = max((number for number, found in checkpoints.items() if found.get("ready")), default=None)
        return [self._namespace(number, checkpoints[number]) for number in sorted(checkpoints)]

    def create(self, log: str) -> Namespace:
        number = self._create_database()
        database = self._database(number)
        checkpoint = {"log": log, "schema_version": self.schema_version, "position": 0, "ready": False}
        try:
            database.define(DESIGN, self.documents.views)
            database.put({"_id": CHECKPOINT, **checkpoint})
        except Missing as error:  # a new leader has dropped it
            raise CheckpointMoved(self._service, 0, 0) from error
        return self._namespace(number, checkpoint)

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        database = self._database(namespace.number)
        documents = self.documents(self._service, lambda: database)
        for recorded in events:
            apply(recorded, documents)
        with self._moving(namespace, reached) as checkpoint:
            carry_out(database, documents.changes)
            database.put({**checkpoint, "position": reached})
        if not namespace.current:
            self._compute_views(namespace)
        return replace(namespace, position=reached)

    def switch(self, namespace: Namespace) -> None:
        with suppress(Missing):
            self._mark_ready(namespace)
            self._current = namespace.number

    def drop(self, namespace: Namespace) -> None:
        with suppress(Missing):
            self._database(namespace.number).delete()

    def try_to_write(self) -> None:
        if self._current is None:
            return
        database = self._database(self._current)
        with suppress(Missing, RevisionConflict):  # it is being dropped, or another process writes, too
            database.put({"_id": TRIAL, **database.read([TRIAL]).get(TRIAL, {})})

    # Private

    def _database(self, number: int) -> CouchDatabase:
        return CouchDatabase(self._server, f"{self._prefix}-r{number}")

    def _current_database(self) -> CouchDatabase:
        """Raises: NotReady."""
        if self._current is None:
            raise NotReady(self._service)
        return self._database(self._current)

    def _numbers(self) -> Sequence[int]:
        """Numbers of all our databases."""
        ours = re.compile(f"{re.escape(self._prefix)}-r([0-9]+)")
        names = self._server.call("GET", "_all_dbs", startkey=f"{self._prefix}-r", endkey=f"{self._prefix}-r{LAST}")
        return [int(found[1]) for name in names if (found := ours.fullmatch(name))]

    def _create_database(self) -> int:
        """Returns: the database's number, derived from the time, and so never reused, even after all were deleted.

        A process that has not noticed a deletion then finds no database, instead of a new one that is half full.
        """
        number = max([int(time.time() * 1000), *(taken + 1 for taken in self._numbers())])
        while True:
            try:
                self._database(number).create()
            except RevisionConflict:
                number += 1
            else:
                return number

    def _checkpoints(self) -> Mapping[int, Document]:
        """By number of the database."""
        found = {}
        for number in self._numbers():
            with suppress(Missing):
                found[number] = self._checkpoint(number)
        return found

    def _namespace(self, number: int, checkpoint: Document) -> Namespace:
        """A database without a checkpoint belongs to no log."""
        return Namespace(
            number=number,
            schema_version=checkpoint.get("schema_version", 0),
            log=checkpoint.get("log", ""),
            position=checkpoint.get("position", 0),
            current=number == self._current,
        )

    def _mark_ready(self, namespace: Namespace) -> None:
        """Raises: Missing, CheckpointMoved."""
        checkpoint = self._checkpoint(namespace.number)
        if not checkpoint:
            raise Missing(CHECKPOINT)
        try:
            self._database(namespace.number).put({**checkpoint, "ready": True})
        except RevisionConflict as error:
            raise CheckpointMoved(self._service, namespace.position, namespace.position) from error

    @contextmanager
    def _moving(self, namespace: Namespace, reached: int) -> Iterator[Document]:
        """The checkpoint, to be written back. Raises: CheckpointMoved, if another process moves it."""
        try:
            yield self._checkpoint_at(namespace.number, namespace.position)
        except (Missing, RevisionConflict) as error:
            raise CheckpointMoved(self._service, namespace.position, reached) from error

    def _checkpoint_at(self, number: int, position: int) -> Document:
        """Raises: Missing; Conflict, if the checkpoint is at another position."""
        checkpoint = self._checkpoint(number)
        if checkpoint.get("position") != position:
            raise RevisionConflict(CHECKPOINT)
        return checkpoint

    def _checkpoint(self, number: int) -> Document:
        """Empty if the database's creation was interrupted. Raises: Missing."""
        return self._database(number).read([CHECKPOINT]).get(CHECKPOINT, {})

    def _compute_views(self, namespace: Namespace) -> None:
        """Update the views' indexes during a rebuild, so that the first reader does not wait for them."""
        for view in self.documents.views:
            self._database(namespace.number).compute(DESIGN, view)
