"""The news of what was committed, with a stand-in for the broker."""

import eventlet
import pytest

from event_store_svc import announcer as announcing
from event_store_svc.announcer import MAX_MESSAGE, Announcer
from event_store_svc.domain import AppendPlan, Link
from tests.support.waiting import SOON, let_others_run


class Broker:
    """Keeps messages; `open` is what publishing waits for, `broken` what it raises."""

    def __init__(self):
        self.messages = []
        self.open = eventlet.Event()
        self.open.send()
        self.broken = None

    def publish(self, message):
        self.open.wait()
        if self.broken:
            raise self.broken
        self.messages.append(message)


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def announcer(broker):
    announcer = Announcer(lambda: "log", broker.publish)
    eventlet.spawn(announcer.run)
    return announcer


def plan(*positions, size=100, stream="a"):
    events = [{"stream": stream, "version": 1, "type": "T", "data": {"x": 1}}]
    return AppendPlan([], [Link({"position": at, "events": events}, b"x" * size) for at in positions], {})


def summary(message):
    return message["after"], message["head"], [commit["position"] for commit in message["commits"]]


def test_a_group_is_one_message(announcer, broker):
    announcer.tell(plan(4, 5))
    announcer.stop()

    (message,) = broker.messages
    assert message["log"] == "log"
    assert summary(message) == (3, 5, [4, 5])


def test_a_group_that_brought_nothing_is_no_message(announcer, broker):
    announcer.tell(plan())
    announcer.stop()

    assert broker.messages == []


def test_groups_that_pile_up_become_one_message(announcer, broker):
    for position in (1, 2, 3):
        announcer.tell(plan(position))
    announcer.stop()

    assert [summary(message) for message in broker.messages] == [(0, 3, [1, 2, 3])]


def test_telling_never_waits_for_the_broker(announcer, broker):
    broker.open.reset()
    announcer.tell(plan(1))
    let_others_run()
    announcer.tell(plan(2))
    announcer.tell(plan(3))
    broker.open.send()
    announcer.stop()

    assert [summary(message) for message in broker.messages] == [(0, 1, [1]), (1, 3, [2, 3])]


def test_what_is_too_large_for_a_message_is_left_to_the_log(announcer, broker):
    announcer.tell(plan(1, size=MAX_MESSAGE + 1))
    let_others_run()
    announcer.tell(plan(2, size=MAX_MESSAGE))
    announcer.stop()

    assert [summary(message) for message in broker.messages] == [(0, 1, []), (1, 2, [2])]


def test_what_becomes_too_large_by_piling_up_is_left_to_the_log(announcer, broker):
    announcer.tell(plan(1, size=MAX_MESSAGE // 2))
    announcer.tell(plan(2, size=MAX_MESSAGE // 2 + 1))
    announcer.tell(plan(3))
    announcer.stop()

    assert [summary(message) for message in broker.messages] == [(0, 3, [])]


def test_groups_with_another_process_between_them_are_left_to_the_log(announcer, broker):
    announcer.tell(plan(1))
    announcer.tell(plan(3))
    announcer.stop()

    assert [summary(message) for message in broker.messages] == [(0, 3, [])]


def test_a_broker_in_trouble_costs_a_message_and_nothing_else(announcer, broker):
    broker.broken = OSError("no broker")
    announcer.tell(plan(1))
    let_others_run()
    broker.broken = None
    announcer.tell(plan(2))
    announcer.stop()

    assert [summary(message) for message in broker.messages] == [(1, 2, [2])]


def test_a_broker_that_hangs_does_not_hold_up_the_end(announcer, broker, monkeypatch):
    monkeypatch.setattr(announcing, "LAST_CHANCE", SOON)
    broker.open.reset()
    announcer.tell(plan(1))

    announcer.stop()

    assert broker.messages == []


def test_secrets_are_blanked(announcer, broker):
    announcer.tell(plan(1, stream="credential-ada"))
    announcer.stop()

    assert broker.messages[0]["commits"][0]["events"][0]["data"] == {}
