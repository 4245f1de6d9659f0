"""Read models: what a service shows of the log. The port between the log and the databases.

A read model lives in numbered namespaces (tables with a prefix, keys with a prefix, a database). One is current; a
rebuild fills the next one from the first event on and switches when it has caught up, so reads never see half a model.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from shop.contracts.commits import RecordedEvent

Apply = Callable[[RecordedEvent, Any], None]
"""Applies one event to the rows of a namespace."""


@dataclass(frozen=True)
class Namespace:
    """One build of a read model. It shows everything up to `position` of the log with that id.

    Of no log is one whose maker was interrupted. Nobody fills it, and whoever becomes active drops it.
    """

    number: int
    schema_version: int
    log: str
    position: int
    current: bool


Row = Mapping[str, Any]
"""Values by column."""


@dataclass(frozen=True)
class Page:
    """Rows by primary key, as they were when the read model showed the log up to `position`."""

    position: int
    rows: Mapping[str, Row]


class Snapshot(Protocol):
    """A whole read model, read page by page."""

    @property
    def tables(self) -> Sequence[str]:
        """The names of all tables that it has."""
        ...

    def pages(self, table: str) -> Iterator[Page]:
        """All rows of a table; at least one page, in the order of their positions. Other greenlets run in between.

        Rows that come or change meanwhile need not be as they were at the beginning, but each is as at its page's
        position.

        Raises:
            NotReady: the read model is gone.
        """
        ...


class ReadModel(Protocol):
    """What an adapter offers to whoever feeds, asks or audits it.

    Each of its methods raises ServiceUnavailable while the database is away.
    """

    @property
    def schema_version(self) -> int:
        """Raised by whoever changes what the read model holds; an older namespace is rebuilt."""

    def namespaces(self) -> Sequence[Namespace]:
        """All there are, lowest number first, as they are in the database now."""

    def create(self, log: str) -> Namespace:
        """A new, empty namespace to be filled from position 0."""

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        """Apply the events and move the namespace's position to `reached`, all or nothing.

        Raises:
            CheckpointMoved: the namespace is not at its position any more; somebody else projects, too.
        """

    def switch(self, namespace: Namespace) -> None:
        """Make it the current one."""

    def drop(self, namespace: Namespace) -> None:
        """Remove it with all its rows."""

    def try_to_write(self) -> None:
        """Write something of no importance to the database. Raises: ServiceUnavailable, with its error for a cause."""

    def reading(self) -> AbstractContextManager[Any]:
        """The rows of the current namespace, for a moment's reading outside of a worker."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """The current namespace, to be read whole while it goes on. Raises: NotReady."""
