"""Audits the orders of a made-up log in this process: `python -m tests.proof.support.audit_of_many_orders 75000`.

Prints what was found, and how many MiB the process took at most, as JSON.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from order_svc.audit import LARGE, ExpectedOrders
from order_svc.store import new_row
from shop.audit.auditor import Auditor
from shop.audit.background import ReadingProgress
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.contracts.commits import RecordedCommit
from shop.event_sourcing.event_store import PageOfLog
from shop.read_models.read_model import Namespace
from shop.read_models.read_model import PageOfRows as Rows
from tests.unit.support.many_orders import many_orders

AT_ONCE = 200


class MadeUpLog:
    """Made as it is read."""

    def __init__(self, orders: int) -> None:
        self.end = max(recorded.position for recorded in many_orders(orders))
        self._commits = _commits(orders)

    def head(self) -> tuple[str, int]:
        return "log", self.end

    def read_all(self, _after: int, limit: int) -> PageOfLog:
        return PageOfLog("log", self.end, list(islice(self._commits, limit)))


class MadeUpModel:
    """Shows what it should. The same lines are in each order."""

    tables = ("orders",)

    def __init__(self, log: MadeUpLog, expected: ExpectedOrders) -> None:
        self._log, self._expected = log, expected
        placed = next(recorded for recorded in many_orders(1) if recorded.type == "OrderPlaced")
        row = new_row(placed.event, placed)
        self._large = {name: row[name] for name in LARGE}

    def namespaces(self) -> list[Namespace]:
        return [Namespace(1, 1, "log", self._log.end, current=True)]

    @contextmanager
    def snapshot(self) -> Iterator["MadeUpModel"]:
        yield self

    def pages(self, _table: str) -> Iterator[Rows]:
        rows = self._expected.tables()["orders"]
        for page in _by(AT_ONCE, rows.each()):
            yield Rows(self._log.end, {key: {**row, **self._large} for key, row in page})
        yield Rows(self._log.end, {})


def _commits(orders: int) -> Iterator[RecordedCommit]:
    for position, events in groupby(many_orders(orders), key=lambda recorded: recorded.position):
        first, *others = events
        yield RecordedCommit(
            position=position,
            command_id=str(position),
            events=(first, *others),
            at=first.at,
            correlation_id=first.correlation_id,
        )


def _by(size: int, items: Iterator[Any]) -> Iterator[list[Any]]:
    while page := list(islice(items, size)):
        yield page


def most_memory() -> float:
    """This program's peak memory, in MiB; `getrusage` would count what its process was before, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kib,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kib) / 1024


def main() -> None:
    log, expected = MadeUpLog(int(sys.argv[1])), ExpectedOrders()
    parts: dict[str, Any] = {"store": log, "model": MadeUpModel(log, expected)}
    auditor = Auditor(
        "orders",
        **parts,
        checks=[OneDecisionPerOrder, NoReservationLeft],
        expected=lambda: expected,
        order_timeout=30,
    )
    found = [check.dump() for check in auditor.run(ReadingProgress())]
    json.dump({"checks": found, "mib": most_memory()}, sys.stdout)


if __name__ == "__main__":
    main()
