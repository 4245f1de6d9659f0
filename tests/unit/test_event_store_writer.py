"""Group commit, with a stand-in for the database."""

from types import SimpleNamespace

import eventlet
import pytest
from eventlet.event import Event

from event_store_svc import writer as writing
from event_store_svc.domain import AppendAnswer, AppendCall, AppendPlan
from event_store_svc.writer import MOST_COMMITS, REST, Writer
from shop.contracts.errors import CheckpointMoved, ServiceUnavailable
from tests.support.clock import FakeClock
from tests.support.waiting import let_others_run, wait_until


class Database:
    """Notes the groups it is given, and answers each call with itself."""

    def __init__(self):
        self.groups = []
        self.told = []
        self.broken = {}

    def write(self, calls):
        self.groups.append(calls)
        for call in calls:
            if call in self.broken:
                raise self.broken[call]
        return AppendPlan([AppendAnswer(call.proposals, checkpoint_moved=False) for call in calls], [], {})


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def writer(database):
    writer = Writer(database.write, database.told.append)
    eventlet.spawn(writer.run)
    yield writer
    writer.stop()


def submit_all(writer, calls):
    """The result of each call: an answer or an exception."""

    def submit(call):
        try:
            return writer.submit(call).outcomes
        except (ServiceUnavailable, ValueError) as error:
            return error

    return list(eventlet.GreenPool().imap(submit, calls))


def call(*names):
    return AppendCall(names)


def test_all_who_wait_are_written_together_and_get_their_own_answers(writer, database):
    calls = [call("a"), call("b", "c"), call("d")]

    assert submit_all(writer, calls) == [("a",), ("b", "c"), ("d",)]
    assert database.groups == [calls]


def test_who_comes_while_a_group_is_written_is_in_the_next(writer, database):
    begun, go_on = Event(), Event()

    def slow(calls, write=database.write):
        if not begun.ready():
            begun.send()
            go_on.wait()
        return write(calls)

    writer._write = slow
    first = eventlet.spawn(writer.submit, call("first"))
    begun.wait()
    later = [eventlet.spawn(writer.submit, call(name)) for name in "ab"]
    let_others_run()
    go_on.send()

    assert [one.wait().outcomes for one in (first, *later)] == [("first",), ("a",), ("b",)]
    assert database.groups == [[call("first")], [call("a"), call("b")]]


def test_who_comes_soon_after_a_group_shares_the_next_with_others(writer, database, monkeypatch):
    clock, rests, rested = FakeClock(), [], Event()

    def rest(seconds):
        let_others_run()
        if seconds > 0:
            rests.append(seconds)
            rested.wait()

    def slow(calls, write=database.write):
        clock.turn(0.003)
        return write(calls)

    monkeypatch.setattr(writing, "time", clock)
    monkeypatch.setattr(writing, "eventlet", SimpleNamespace(sleep=rest))
    writer._write = slow
    writer.submit(call("first"))
    soon = eventlet.spawn(writer.submit, call("soon"))
    wait_until(lambda: rests, "the rest after a group")
    later = eventlet.spawn(writer.submit, call("later"))
    let_others_run()
    clock.turn(rests[0])
    rested.send()

    assert rests == [pytest.approx(REST * 0.003)]
    assert [soon.wait().outcomes, later.wait().outcomes] == [("soon",), ("later",)]
    assert database.groups == [[call("first")], [call("soon"), call("later")]]


def test_a_group_is_not_larger_than_others_can_wait_for(writer, database):
    calls = [call(*"x" * 60) for _ in range(10)]

    submit_all(writer, calls)

    sizes = [sum(len(call.proposals) for call in group) for group in database.groups]
    assert sum(sizes) == 600
    assert max(sizes) < MOST_COMMITS + 60


def test_a_call_that_cannot_be_written_fails_alone(writer, database):
    bad = call("bad")
    database.broken = {bad: ValueError("what is this?")}

    answers = submit_all(writer, [call("a"), bad, call("b")])

    assert answers == [("a",), database.broken[bad], ("b",)]


def test_nobody_is_answered_when_the_database_is_away_but_with_that(writer, database):
    bad = call("bad")
    database.broken = {bad: ServiceUnavailable("event_store")}

    answers = submit_all(writer, [call("a"), bad])

    assert [type(answer) for answer in answers] == [ServiceUnavailable] * 2
    assert len(database.groups) == 1
    assert writer.submit(call("later")).outcomes == ("later",)


def test_an_answer_can_be_an_exception(writer, database):
    writer._write = lambda calls: AppendPlan([CheckpointMoved("orders", 1, 2)], [], {})

    with pytest.raises(CheckpointMoved):
        writer.submit(call())


def test_callers_are_answered_before_anybody_is_told(database):
    order = []
    writer = Writer(database.write, lambda plan: eventlet.spawn(order.append, "told"))
    eventlet.spawn(writer.run)

    eventlet.spawn(lambda: order.append(writer.submit(call("a")).outcomes)).wait()
    writer.stop()

    assert order == [("a",), "told"]


def test_stopping_waits_for_those_who_wait_and_takes_nobody_else(database):
    writer = Writer(database.write, database.told.append)
    waiting = [eventlet.spawn(writer.submit, call(name)) for name in "abc"]
    let_others_run()
    eventlet.spawn(writer.run)

    writer.stop()

    assert [one.wait().outcomes for one in waiting] == [("a",), ("b",), ("c",)]
    with pytest.raises(ServiceUnavailable):
        writer.submit(call("late"))
