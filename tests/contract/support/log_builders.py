"""Commits as callers send them, and logs that run on a database of the test's own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import eventlet
import orjson

from event_store_svc.domain import AppendPlan
from event_store_svc.log import StoredLog
from event_store_svc.store import Clock, LogStorage, utc_now
from event_store_svc.writer import Writer

numbers = count(1)


def commit(
    writes: Mapping[str, int] | None = None,
    *,
    reads: Mapping[str, int] | None = None,
    command_id: str | None = None,
    fingerprint: str | None = None,
    data: Mapping[str, object] | None = None,
    correlation_id: str = "correlation",
):
    """A commit with one event for each stream that is written, at the version named with it."""
    number = next(numbers)
    written = {f"stream-{number}": 0} if writes is None else writes
    return {
        "command_id": command_id or f"command-{number}",
        "events": [{"stream": stream, "type": "Happened", "data": dict(data or {})} for stream in written],
        "expects": {**(reads or {}), **written},
        "fingerprint": fingerprint,
        "meta": {
            "correlation_id": correlation_id,
            "causation": 0,
            "actor": "customer:ada",
            "service": "tests",
        },
    }


def sized(total: int, **more):
    """A commit of so many bytes."""
    empty = commit(data={"text": ""}, **more)
    empty["events"][0]["data"]["text"] = "x" * (total - len(orjson.dumps(empty)))
    return empty


class SettableClock:
    """Stands still until it is set."""

    def __init__(self):
        self.now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    def __call__(self):
        return self.now

    def turn(self, **by: float):
        self.now += timedelta(**by)


class RunningLog(StoredLog):
    """A log with its writer. `plans`: the plans written, group by group."""

    def __init__(self, store: LogStorage, now: Clock = utc_now):
        self.plans: list[AppendPlan] = []
        self.writer = Writer(store.commits.write, self.plans.append)
        super().__init__(store, self.writer, now)


class CalledLog:
    """A log that is called as if over a bus."""

    def __init__(self, log: StoredLog):
        self._log = log

    def __getattr__(self, name: str):
        return lambda *args, **kwargs: getattr(self._log, name)(*orjson.loads(orjson.dumps(args)), **kwargs)


@contextmanager
def running_log(store: LogStorage, now: Clock = utc_now) -> Iterator[RunningLog]:
    """Opens the store, and closes it at the end."""
    store.open()
    log = RunningLog(store, now)
    eventlet.spawn(log.writer.run)
    try:
        yield log
    finally:
        log.writer.stop()
        store.close()
