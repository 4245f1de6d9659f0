"""A service's read model in memory: the events that it was shown, in order. Its contents depend on nothing else."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from order_svc.domain import ORDER, Order, Status
from shop.contracts.codec import dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved
from shop.event_sourcing.projector import Projection
from shop.read_models.read_model import Apply, Namespace

Shown = tuple[str, int, str]
"""The statement that showed an event, and where the event stands: position, stream."""


class RowsInMemory:
    """Takes any statement of the services' projections. Of orders, it knows which are undecided."""

    def __init__(self, before: "RowsInMemory | None" = None) -> None:
        self.shown: list[Shown] = list(before.shown) if before else []
        self._waiting: dict[UUID, str] = dict(before._waiting) if before else {}

    def __getattr__(self, statement: str) -> Callable[[RecordedEvent], None]:
        return lambda recorded: self.shown.append((statement, recorded.position, recorded.stream))

    def add(self, recorded: RecordedEvent) -> None:
        """An order is placed."""
        self.shown.append(("add", recorded.position, recorded.stream))
        self._waiting[UUID(recorded.fields["order_id"])] = recorded.at

    def move(self, recorded: RecordedEvent) -> None:
        """An order is decided, or more."""
        self.shown.append(("move", recorded.position, recorded.stream))
        if ORDER.evolve(Order(), recorded.event).status is not Status.PLACED:
            self._waiting.pop(UUID(recorded.fields["order_id"]), None)

    def undecided(self, placed_before: datetime, limit: int) -> list[UUID]:
        late = dump_time(placed_before)
        return [order_id for order_id, at in self._waiting.items() if at < late][:limit]


class ReadModelInMemory:
    """The database of one service: all its processes share it."""

    schema_version = 1

    def __init__(self) -> None:
        self.kept: dict[int, Namespace] = {}
        self.rows: dict[int, RowsInMemory] = {}

    def wipe(self) -> None:
        self.kept.clear()
        self.rows.clear()

    @property
    def current(self) -> Namespace | None:
        return next((namespace for namespace in self.kept.values() if namespace.current), None)

    @property
    def shown(self) -> Sequence[Shown]:
        return self.rows[self.current.number].shown if self.current else ()

    def namespaces(self) -> Sequence[Namespace]:
        return [self.kept[number] for number in sorted(self.kept)]

    def create(self, log: str) -> Namespace:
        number = max(self.kept, default=0) + 1
        self.kept[number] = Namespace(number, self.schema_version, log, 0, False)
        self.rows[number] = RowsInMemory()
        return self.kept[number]

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        kept = self.kept.get(namespace.number)
        if kept is None or kept.position != namespace.position:
            raise CheckpointMoved("read model", namespace.position, reached)
        rows = RowsInMemory(self.rows[namespace.number])
        for recorded in events:
            apply(recorded, rows)
        self.rows[namespace.number] = rows
        self.kept[namespace.number] = replace(kept, position=reached)
        return replace(namespace, position=reached)

    def switch(self, namespace: Namespace) -> None:
        self.kept = {number: replace(n, current=number == namespace.number) for number, n in self.kept.items()}

    def try_to_write(self) -> None: ...

    def drop(self, namespace: Namespace) -> None:
        self.kept.pop(namespace.number, None)
        self.rows.pop(namespace.number, None)

    @contextmanager
    def reading(self) -> Iterator[Any]:
        yield self.rows[self.current.number] if self.current else RowsInMemory()


def fold(projections: Sequence[Projection], events: Sequence[RecordedEvent]) -> Sequence[Shown]:
    """The contents of a read model that was shown each of these events once, in order."""
    rows = RowsInMemory()
    for recorded in events:
        for projection in projections:
            if recorded.type in projection.types:
                projection.apply(recorded, rows)
    return rows.shown
