"""A read model in memory: each namespace is a list of the types it was shown."""

from collections.abc import Sequence
from dataclasses import replace

from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved
from shop.read_models.read_model import Apply, Namespace


class ReadModelInMemory:
    """`shown` is what the current namespace holds."""

    schema_version = 1

    def __init__(self) -> None:
        self.kept: dict[int, Namespace] = {}
        self.rows: dict[int, list[str]] = {}

    @property
    def shown(self) -> list[str]:
        return next((self.rows[n] for n, namespace in self.kept.items() if namespace.current), [])

    def namespaces(self) -> Sequence[Namespace]:
        return [self.kept[number] for number in sorted(self.kept)]

    def create(self, log: str) -> Namespace:
        number = max(self.kept, default=0) + 1
        self.kept[number] = Namespace(number, self.schema_version, log, 0, False)
        self.rows[number] = []
        return self.kept[number]

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        kept = self.kept.get(namespace.number)
        if kept is None or kept.position != namespace.position:
            raise CheckpointMoved("tests", namespace.position, reached)
        rows = list(self.rows[namespace.number])
        for recorded in events:
            apply(recorded, rows)
        self.rows[namespace.number] = rows
        self.kept[namespace.number] = replace(self.kept[namespace.number], position=reached)
        return self.kept[namespace.number]

    def switch(self, namespace: Namespace) -> None:
        self.kept = {number: replace(n, current=number == namespace.number) for number, n in self.kept.items()}

    def try_to_write(self) -> None: ...

    def drop(self, namespace: Namespace) -> None:
        del self.kept[namespace.number], self.rows[namespace.number]
