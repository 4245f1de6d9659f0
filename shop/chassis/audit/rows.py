"""Whether a read model shows what the log says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol, Self

import orjson

from shop.chassis.audit.checks import Check, Faults, count
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event

Row = Mapping[str, Any]
"""Values by column. A `Digest` stands for a value that is too large to be kept for every row."""
Keyed = Mapping[str, Row]
"""Rows by primary key."""


@dataclass(frozen=True)
class Digest:
    """A hash of a JSON value."""

    hash: bytes

    @classmethod
    def of(cls, value: Any) -> Self:
        return cls(blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest())


class ExpectedRows(Protocol):
    """What a service's read model must hold, folded from the log by the service's own rules."""

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        """The next event of the log, with its contents."""
        ...

    def tables(self) -> Mapping[str, Keyed]:
        """The rows of each table by their primary keys, as they must be now."""
        ...


class Shown(Protocol):
    """A read model at one moment."""

    @property
    def position(self) -> int:
        """It shows the log up to here."""
        ...

    def rows(self, table: str) -> Iterator[tuple[str, Row]]:
        """All rows of a table, each with its primary key. Other greenlets run in between."""
        ...


def compare(name: str, expected: Mapping[str, Keyed], shown: Shown) -> Check:
    """Every row that is shown must be as expected, and none may be missing."""
    faults, rows = Faults(), 0
    for table, wanted in expected.items():
        seen = set()
        for key, row in shown.rows(table):
            seen.add(key)
            for fault in _differences(f"{table} {key}", wanted.get(key), row):
                faults.add(fault)
        for key in wanted.keys() - seen:
            faults.add(f"{table} {key} is missing")
        rows += len(seen)
    return Check.of(name, faults, f"{count(rows, 'row')} at position {shown.position:,}")


def _differences(which: str, wanted: Row | None, row: Row) -> Iterable[str]:
    if wanted is None:
        return [f"{which} should not be there"]
    wrong = sorted(column for column, value in wanted.items() if not _same(row[column], value))
    return [f"{which} shows another {' and '.join(wrong)} than the log says"] if wrong else []


def _same(found: Any, wanted: Any) -> bool:
    return bool((Digest.of(found) if isinstance(wanted, Digest) else found) == wanted)
