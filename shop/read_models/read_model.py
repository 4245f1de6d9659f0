"""Read models: a service's view of the log. The port between the log and the databases.

A read model lives in numbered namespaces (tables with a prefix, keys with a prefix, a database). One is current; a
rebuild fills the next one from the first event on and switches when it has caught up, so readers never see an
incomplete model.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from shop.contracts.commits import RecordedEvent

Apply = Callable[[RecordedEvent, Any], None]
"""Projects one event onto the rows of a namespace."""


@dataclass(frozen=True)
class Namespace:
    """One build of a read model, up to `position` of the log with that id.

    Without a log, its creation was interrupted. It is never filled, and the next leader drops it.
    """

    number: int
    schema_version: int
    log: str
    position: int
    current: bool


Row = Mapping[str, Any]
"""Values by column."""


@dataclass(frozen=True)
class PageOfRows:
    """Rows by primary key, consistent with the log up to `position`."""

    position: int
    rows: Mapping[str, Row]


class Snapshot(Protocol):
    """A whole read model, read page by page."""

    @property
    def tables(self) -> Sequence[str]:
        """Names of all tables."""
        ...

    def pages(self, table: str) -> Iterator[PageOfRows]:
        """All rows of a table; at least one page, by increasing position. Yields to other greenlets.

        Rows that change meanwhile may appear in their old or new state, but always as at their page's position.

        Raises:
            NotReady: the read model is gone.
        """
        ...


class ReadModel(Protocol):
    """Interface of an adapter for projections, queries and audits.

    Each of its methods raises ServiceUnavailable while the database is down.
    """

    @property
    def schema_version(self) -> int:
        """Version of the read model's content. Namespaces of an older version are rebuilt."""

    def namespaces(self) -> Sequence[Namespace]:
        """All namespaces in the database now, by number."""

    def create(self, log: str) -> Namespace:
        """Create an empty namespace, at position 0."""

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        """Apply the events and move the namespace's position to `reached`, atomically.

        Raises:
            CheckpointMoved: the namespace has another position: another process projects, too.
        """

    def switch(self, namespace: Namespace) -> None:
        """Make the namespace the current one."""

    def drop(self, namespace: Namespace) -> None:
        """Remove the namespace with all its rows."""

    def try_to_write(self) -> None:
        """Health check: write a dummy value. Raises: ServiceUnavailable, with the database's error as its cause."""

    def reading(self) -> AbstractContextManager[Any]:
        """The rows of the current namespace, for a short read outside of a worker."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """The current namespace, to be read whole while projections continue. Raises: NotReady."""
