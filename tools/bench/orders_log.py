"""Times at which orders were placed and invoiced, from the log, without calls to the shop."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import orjson

SINCE = "from log_commits where position > ?"
UNDER_WAY = f"select max(position), total(command_key like '%:place') - total(command_key like '%:invoice') {SINCE}"
INVOICES = f"select body {SINCE} and command_key like '%:invoice'"


class OrdersLog:
    """Reads the log's own file, beside the event store. It reads new rows only, so that large logs cost the same."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._settled = 0

    def head(self) -> int:
        with self._open() as log:
            return int(log.execute("select coalesce(max(position), 0) from log_commits").fetchone()[0])

    def events(self) -> int:
        """Number of events."""
        with self._open() as log:
            return int(log.execute("select count(*) from log_events").fetchone()[0])

    def under_way(self) -> int:
        """Orders that are placed and not invoiced. Every order is approved here."""
        with self._open() as log:
            head, number = log.execute(UNDER_WAY, (self._settled,)).fetchone()
        if not number:
            self._settled = head or self._settled
        return int(number)

    def invoiced(self, after: int) -> dict[str, float]:
        """Times of the invoices after a position: seconds since 1970, by order id."""
        found = {}
        with self._open() as log:
            for (body,) in log.execute(INVOICES, (after,)):
                commit = orjson.loads(body)
                order = commit["command_id"].removeprefix("invoice:")
                found[order] = datetime.fromisoformat(commit["meta"]["at"]).timestamp()
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=10)
        try:
            yield connection
        finally:
            connection.close()
