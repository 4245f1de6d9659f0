"""Compares a read model with the log."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol, Self

import orjson

from shop.audit.checks import Check, Faults, count
from shop.audit.large import LargeDict
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event
from shop.read_models.read_model import Row, Snapshot

Keyed = Mapping[str, Row]
"""Rows by primary key. A `Digest` replaces a value that is too large to be stored for every row."""


@dataclass(frozen=True)
class Digest:
    """A hash of a JSON value."""

    hash: bytes

    @classmethod
    def of(cls, value: Any) -> Self:
        return cls(blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest())


class ExpectedRows(Protocol):
    """Expected rows of a service's read model, folded from the log by the service's own rules."""

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        """The next event of the log, with its contents."""
        ...

    def tables(self) -> Mapping[str, Keyed]:
        """The expected rows of each table by primary key, at the present position, for every kind of database."""
        ...


def compare(name: str, expected: ExpectedRows, shown: Snapshot, read_to: Callable[[int], None]) -> Check:
    """Every row must be as expected, and none may be missing.

    Args:
        expected: advanced to the position of each page by `read_to`.
    """
    comparison = Comparison(expected, shown, read_to)
    for table in shown.tables:
        comparison.add(table)
    return comparison.verdict(name)


class Comparison:
    """Comparison of one table after the other; arguments as for `compare`."""

    def __init__(self, expected: ExpectedRows, shown: Snapshot, read_to: Callable[[int], None]) -> None:
        self._expected = expected
        self._shown = shown
        self._read_to = read_to
        self._faults, self._rows = Faults(), 0
        self._position = -1

    def add(self, table: str) -> None:
        seen: LargeDict[str, None] = LargeDict()
        due: Iterable[str] | None = None
        wanted: Keyed = self._expected.tables()[table]
        for page in self._shown.pages(table):
            if page.position != self._position:
                self._position = page.position
                self._read_to(page.position)
                wanted = self._expected.tables()[table]
            # Expected since the first page: later rows may have been added after their page was read.
            due = _keys_of(wanted) if due is None else due
            seen.update(dict.fromkeys(page.rows))
            self._compare(table, wanted, page.rows)
        for key in due or ():
            there = key in seen or key not in wanted
            self._faults.require(there, "{table} {key} is missing", table=table, key=key)
        self._rows += len(seen)

    def verdict(self, name: str) -> Check:
        return Check.of(name, self._faults, f"{count(self._rows, 'row')} at position {self._position:,}")

    def _compare(self, table: str, wanted: Keyed, rows: Keyed) -> None:
        for key, row in rows.items():
            known = wanted.get(key)
            if known is None:
                self._faults.add("{table} {key} should not be there", table=table, key=key)
            elif wrong := {column for column, value in known.items() if not _same(row[column], value)}:
                self._faults.add(
                    "{table} {key} shows another {columns} than the log says", table=table, key=key, columns=wrong
                )


def _keys_of(wanted: Keyed) -> Iterable[str]:
    """The present keys, unaffected by later changes."""
    return wanted.keys_so_far() if isinstance(wanted, LargeDict) else tuple(wanted)


def _same(found: Any, wanted: Any) -> bool:
    return bool((Digest.of(found) if isinstance(wanted, Digest) else found) == wanted)
