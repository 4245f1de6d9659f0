"""A dict of any size: recent entries in memory, the rest in a temporary file.

An audit compares the whole log with whole read models. Most orders have no further events, but none can be dropped: the
very last event may reserve an order's stock a second time.
"""

import pickle
import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from itertools import islice
from typing import Generic, TypeVar

import eventlet

K = TypeVar("K")
V = TypeVar("V")

IN_MEMORY = 1_000
"""Entries: the events of an order come within seconds, apart from a cancellation or a shipment."""
AT_ONCE = 500
"""Entries to write or read before other greenlets run."""

MAKE = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -1024",
    "CREATE TABLE kept (key TEXT PRIMARY KEY, number INTEGER, entry BLOB) WITHOUT ROWID",
)


class LargeDict(MutableMapping[K, V], Generic[K, V]):
    """Keys are compared by their text. A retrieved value may be changed until the next access.

    Args:
        in_memory: entries, `IN_MEMORY` by default; at twice that number, the oldest are written to the file.
    """

    def __init__(self, in_memory: int | None = None) -> None:
        self._in_memory = in_memory or IN_MEMORY
        self._recent: OrderedDict[K, tuple[int, V]] = OrderedDict()
        self._file: sqlite3.Connection | None = None
        self._numbered = self._length = 0

    def __getitem__(self, key: K) -> V:
        return self._entry(key)[1]

    def __setitem__(self, key: K, value: V) -> None:
        try:
            number, _ = self._entry(key)
        except KeyError:
            self._numbered += 1
            self._length += 1
            number = self._numbered
        self._use(key, (number, value))

    def __delitem__(self, key: K) -> None:
        self._entry(key)
        del self._recent[key]
        self._length -= 1
        if self._file:
            self._file.execute("DELETE FROM kept WHERE key = ?", [str(key)])

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.each())

    def each(self) -> Iterator[tuple[K, V]]:
        """All entries, in any order. Yields to other greenlets; the dict must not change meanwhile."""
        return ((key, value) for key, _, value in self._entries())

    def keys_so_far(self) -> Iterator[K]:
        """The keys present now, read lazily: keys deleted meanwhile are skipped."""
        last = self._numbered
        return (key for key, number, _ in self._entries() if number <= last)

    @property
    def in_memory(self) -> int:
        """Number of entries in memory."""
        return len(self._recent)

    def _entries(self) -> Iterator[tuple[K, int, V]]:
        if self._file is None:
            yield from [(key, number, value) for key, (number, value) in self._recent.items()]
            return
        self._write(len(self._recent))
        after = ""
        while rows := self._file.execute(
            "SELECT key, number, entry FROM kept WHERE key > ? ORDER BY key LIMIT ?", [after, AT_ONCE]
        ).fetchall():
            after = rows[-1][0]
            for _, number, entry in rows:
                key, value = pickle.loads(entry)  # noqa: S301 - no other process writes to this file
                yield key, number, value
            eventlet.sleep(0)

    def _entry(self, key: K) -> tuple[int, V]:
        """Raises: KeyError."""
        if key in self._recent:
            self._recent.move_to_end(key)
        elif self._file is None:
            raise KeyError(key)
        else:
            self._use(key, self._read(self._file, key))
        return self._recent[key]

    def _read(self, file: sqlite3.Connection, key: K) -> tuple[int, V]:
        row = file.execute("SELECT number, entry FROM kept WHERE key = ?", [str(key)]).fetchone()
        if row is None:
            raise KeyError(key)
        return row[0], pickle.loads(row[1])[1]  # noqa: S301 - no other process writes to this file

    def _use(self, key: K, entry: tuple[int, V]) -> None:
        self._recent[key] = entry
        self._recent.move_to_end(key)
        if len(self._recent) > 2 * self._in_memory:
            self._write(self._in_memory)
            for written in list(islice(self._recent, self._in_memory)):
                del self._recent[written]

    def _write(self, count: int) -> None:
        """Write the `count` least recently used entries to the file."""
        file = self._file = self._file or self._open()
        rows = [
            (str(key), number, pickle.dumps((key, value), pickle.HIGHEST_PROTOCOL))
            for key, (number, value) in islice(self._recent.items(), count)
        ]
        file.execute("BEGIN")
        file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", sorted(rows))
        file.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        """An anonymous temporary file of SQLite: in SQLITE_TMPDIR, TMPDIR, or else /var/tmp."""
        file = sqlite3.connect("", isolation_level=None)
        for statement in MAKE:
            file.execute(statement)
        weakref.finalize(self, file.close)
        return file
