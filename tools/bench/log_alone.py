"""The SQLite adapter of the log on its own, in this process."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from event_store_svc.domain import AppendCall, Proposal
from event_store_svc.sql import SqlStore
from tools.bench.measuring import Measured

SECONDS = 2.0
AT_ONCE = 100


def append(folder: Path) -> Measured:
    """One commit per transaction."""
    return _measure(folder / "one.db", 1)


def append_many(folder: Path) -> Measured:
    """A hundred commits per transaction."""
    return _measure(folder / "many.db", AT_ONCE)


def _measure(file: Path, at_once: int) -> Measured:
    store = SqlStore(f"sqlite:///{file}")
    store.open()
    number = _repeat(
        lambda numbers: store.commits.write([AppendCall([_proposal(next(numbers)) for _ in range(at_once)])])
    )
    store.close()
    return Measured(rate=number * at_once / SECONDS, number=number * at_once)


def _repeat(write: Callable[[Iterator[int]], object]) -> int:
    """Number of writes within the time."""
    numbers, done, deadline = count(), 0, time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        write(numbers)
        done += 1
    return done


def _proposal(number: int) -> Proposal:
    """About the mean size of an order's commits."""
    stream = f"thing-{number}"
    return Proposal(
        command_id=f"step:{number}",
        fingerprint=None,
        events=[{"stream": stream, "type": "SomethingHappened", "data": {"text": "x" * 300, "number": number}}],
        expects={stream: 0},
        meta={"correlation_id": stream, "causation": number, "actor": "service:bench", "service": "bench"},
    )
