"""The broken promises that `shop chaos` reports, and the parts that it breaks."""

from collections import Counter

import pytest

from tests.support.clock import FakeClock
from tests.unit.support.chaos_log import Log
from tools.chaos import running
from tools.chaos.faults import Kind, planned
from tools.chaos.ledger import Books
from tools.chaos.running import all_ended_by
from tools.chaos.verdict import judge


@pytest.fixture
def log():
    return Log()


def verdict(log: Log, accepted, attempted=None, refused=None, faults=()):
    books = Books()
    for commit in log.commits:
        books.add(commit)
    refused = refused or {}
    attempted = attempted or len(accepted) + len(refused)
    return judge(attempted=attempted, accepted=accepted, refused=refused, books=books, faults=faults)


def test_an_order_that_has_ended_is_ok(log):
    log.approve("1")

    report = verdict(log, {"a": {"1"}})

    assert (report.ok, report.lost, report.recovered, report.duplicated, report.faults) == (1, 0, 0, 0, [])
    assert report.kept
    assert report.statuses == {"approved": 1}


def test_an_accepted_order_that_is_not_recorded_is_lost(log):
    report = verdict(log, {"a": {"1"}})

    assert report.lost == 1
    assert not report.kept


def test_an_accepted_order_without_an_end_is_lost(log):
    log.place("1")

    assert verdict(log, {"a": {"1"}}).lost == 1


def test_an_order_whose_customer_got_no_answer_is_recovered(log):
    log.approve("1")

    report = verdict(log, {}, attempted=1, refused={"a": 503})

    assert (report.recovered, report.kept) == (1, True)


def test_an_order_that_was_refused_must_not_be_there(log):
    log.approve("1")

    assert not verdict(log, {}, attempted=1, refused={"a": 422}).kept


def test_a_key_that_stands_for_two_orders_is_a_duplicate(log):
    log.approve("1")
    log.approve("2")

    report = verdict(log, {"a": {"1", "2"}})

    assert (report.duplicated, report.kept) == (1, False)


def test_an_order_that_is_placed_twice_is_a_duplicate(log):
    log.approve("1")
    log.place("1")

    assert verdict(log, {"a": {"1"}}).duplicated == 1


def test_what_the_books_and_others_find_is_a_broken_promise(log):
    log.approve("1")
    assert not verdict(log, {"a": {"1"}}, faults=["the audit failed"]).kept

    log.invoice("1", number=3)
    assert not verdict(log, {"a": {"1"}}).kept


@pytest.fixture
def clock(monkeypatch):
    """Of the waiting for the end of orders."""
    clock = FakeClock()
    monkeypatch.setattr(running, "time", clock)
    monkeypatch.setattr(running, "eventlet", clock)
    return clock


class LogClient:
    """Answers `read_all`."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def call(self, _service, _method, after):
        return {"commits": self._log.commits[after:]}


@pytest.mark.parametrize(("seconds", "in_time"), [(60, True), (-1, False)])
def test_orders_that_end_too_late_are_not_in_time_and_still_read(log, clock, seconds, in_time):
    log.approve("1")
    books = Books()

    assert all_ended_by(clock.seconds + seconds, LogClient(log), books) is in_time
    assert books.position == len(log.commits)


def test_an_order_that_never_ends_is_waited_for_until_the_deadline(log, clock):
    log.place("1")
    deadline = clock.seconds + 60

    assert not all_ended_by(deadline, LogClient(log), Books())
    assert clock.seconds >= deadline


def test_everything_is_broken_as_often_as_it_was_asked_for_and_in_the_order_of_the_seed():
    how = {"orders": 1000, "processes": ["orders", "gateway"], "kills": 3, "databases": ["orders"], "broker_kills": 2}

    plan = planned(**how, seed=7)

    assert Counter(str(fault) for fault in plan) == {
        "kill of orders": 3, "kill of gateway": 3, "delete the database of orders": 1, "kill the broker": 2
    }  # fmt: skip
    assert [fault.answered for fault in plan] == sorted(fault.answered for fault in plan)
    assert (plan[0].answered, plan[-1].answered) == (20, 950)
    assert plan == planned(**how, seed=7) != planned(**how, seed=8)
    assert {fault.kind for fault in plan} == set(Kind)
