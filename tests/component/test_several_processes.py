"""Several processes of one service on the same databases, killed again and again."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from event_store_svc.service import EventStoreService
from shop.contracts.commits import RecordedCommit, RecordedEvent, events_of
from tests.component.support.counters_service import CountersService
from tests.component.support.running import calling, configuration, running
from tests.support.chance import chance
from tests.support.waiting import LIMIT, wait_until
from tests.unit.support.counters import PRODUCT, STOCK

PROCESSES = 2
KILLS = 2
MOST_COMMITS = 40
"""That are recorded between two kills."""


class Counting:
    """One of the processes; it has begun when `wait` returns."""

    def __init__(self, folder: Path) -> None:
        self._sign = folder / f"{uuid4().hex}.begun"
        command = [sys.executable, "-m", "tests.component.support.counting_process", str(folder), str(self._sign)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        wait_until(lambda: self._sign.exists() or self._process.poll() is not None)
        assert self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def all_events(store: Any) -> list[RecordedEvent]:
    events: list[RecordedEvent] = []
    while page := store.read_all(events[-1].position if events else 0)["commits"]:
        events += events_of(RecordedCommit.load(commit) for commit in page)
    return events


def head_of(folder: Path) -> int:
    """The last position in the log, read beside those who write it."""
    with closing(sqlite3.connect(folder / "log.sqlite", timeout=LIMIT)) as database:
        head: int = database.execute("SELECT coalesce(max(position), 0) FROM log_commits").fetchone()[0]
    return head


def kill_again_and_again(folder: Path) -> None:
    moments = chance("kill_again_and_again")
    processes = [Counting(folder) for _ in range(PROCESSES)]
    try:
        for process in processes:
            process.wait()
        for _ in range(KILLS):
            moment = head_of(folder) + moments.randint(20, MOST_COMMITS)
            wait_until(lambda moment=moment: head_of(folder) >= moment, "the moment to kill one")  # type: ignore[misc]
            processes.pop(moments.randrange(PROCESSES)).kill()
            processes.append(Counting(folder))
            processes[-1].wait()
    finally:
        for process in processes:
            process.kill()


def test_each_order_is_answered_once_and_shown_once_whoever_is_killed_in_the_middle_of_it(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path)

    config = configuration(tmp_path, HOLDER="the last one")
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        head = cluster.event_store.head()["head"]
        wait_until(lambda: cluster.counters.status()["reacted"] >= head)
        events = all_events(cluster.event_store)
        units = STOCK.fold(event.event for event in events if event.stream == STOCK.stream(PRODUCT)).units
        wait_until(lambda: cluster.counters.units() == units)
        assert cluster.event_store.verify()["ok"]
        assert cluster.event_store.dead_letters() == []

    placed = {event.fields["order_id"] for event in events if event.type == "OrderPlaced"}
    reserved = [event.fields["order_id"] for event in events if event.type == "UnitsReserved"]
    assert len(placed) > KILLS
    assert len(set(reserved)) == len(reserved) > 0
    assert set(reserved) <= placed
    assert lowest_stock(events) == 0


def lowest_stock(events: list[RecordedEvent]) -> int:
    """The fewest units there ever were."""
    stocks, state = [], STOCK.initial
    for event in events:
        if event.stream == STOCK.stream(PRODUCT):
            state = STOCK.evolve(state, event.event)
            stocks.append(state.units)
    return min(stocks)
