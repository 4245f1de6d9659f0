"""A log whose times and the clock's are far apart takes nothing, until the clock is set or the log repaired."""

import pytest

from event_store_svc.clock import MOST_AHEAD, MOST_BEHIND
from event_store_svc.domain import Tail
from shop.contracts.errors import ClockRefused
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_readers import everything

AHEAD = {"days": 3478}


def times(log):
    return [kept["meta"]["at"] for kept in everything(log)]


def test_a_log_ahead_of_the_clock_takes_nothing_and_says_what_to_do(log, clock):
    clock.turn(**AHEAD)
    log.append(commit())
    clock.turn(days=-AHEAD["days"])

    with pytest.raises(ClockRefused) as refused:
        log.append(commit())

    assert str(refused.value) == (
        "The event log accepts no writes: the log's last commit is dated 2036-06-01T09:30:00.000Z, 9 years ahead of "
        "this machine's clock, which says 2026-11-23T09:30:00.000Z. "
        "Set the clock; if it is right, run: shop clock repair."
    )
    assert log.head()["head"] == 1
    assert log.clock.read() == {
        "now": "2026-11-23T09:30:00.000Z",
        "last_time": "2036-06-01T09:30:00.000Z",
        "refusal": str(refused.value),
    }


@pytest.mark.parametrize("calls", ["append", "append_many"])
@pytest.mark.parametrize("way", [-1, 1])
def test_up_to_the_limit_the_log_goes_on_and_beyond_it_does_not(log, clock, way, calls):
    def append():
        return log.append(commit()) if calls == "append" else log.append_many([commit()])

    limit = MOST_BEHIND if way < 0 else MOST_AHEAD
    append()
    clock.now += way * limit
    append()
    clock.turn(seconds=way)
    if way > 0:
        append()
        clock.now += way * limit
        clock.turn(seconds=way)

    with pytest.raises(ClockRefused):
        append()
    assert log.clock.read()["refusal"]


def test_whoever_sets_the_clock_right_is_served_again(log, clock):
    log.append(commit())
    clock.turn(days=-1)
    with pytest.raises(ClockRefused):
        log.append(commit())

    clock.turn(days=1)

    assert log.append(commit())["commit"]["position"] == 2
    assert log.clock.read()["refusal"] is None


@pytest.mark.parametrize("ahead", [AHEAD, {"days": -400}])
def test_a_repaired_log_goes_on_at_the_clock_and_says_so(log, clock, ahead):
    clock.turn(**ahead)
    log.append(commit())
    clock.turn(days=-ahead["days"])

    repaired = log.clock.repair()["commit"]
    log.append_many([commit(), commit()])

    (event,) = repaired["events"]
    assert (event["type"], event["stream"]) == ("ClockRepaired", f"clock-{log.head()['log']}")
    assert event["data"]["last_time"] == times(log)[0]
    assert times(log)[1:] == ["2026-11-23T09:30:00.000Z"] * 3
    assert (repaired["meta"]["actor"], repaired["meta"]["service"]) == ("operator", "event_store")
    assert log.verify() == {"ok": True, "position": 4, "detail": "every commit follows the one before"}


def test_a_log_is_repaired_again_when_it_has_to(log, clock):
    for _ in range(2):
        clock.turn(days=2)
        log.append(commit())
        clock.turn(days=-2)
        log.clock.repair()

    assert [event["type"] for kept in everything(log) for event in kept["events"]] == ["Happened", "ClockRepaired"] * 2
    assert log.verify()["ok"]


def test_a_log_that_is_right_is_left_as_it_is(log):
    assert log.clock.repair() is None
    log.append(commit())
    assert log.clock.repair() is None
    assert log.head()["head"] == 1


def test_only_a_repair_may_be_earlier_than_the_commit_before(log, clock, database):
    log.append(commit())
    clock.turn(days=-2)
    log.clock.repair()

    database.change_body(2, "ClockRepaired", "ClockDamaged!")

    assert log.verify()["detail"] == "commit 2 was changed: its hash is another one"


def test_an_empty_log_fits_any_clock(database, clock):
    clock.turn(days=-20_000)
    with running_log(database.store(clock), clock) as log:
        log.append(commit())

    assert Tail.of_empty("x").at == ""
