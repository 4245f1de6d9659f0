"""Appending: positions without a gap, and commits as they were sent."""

import eventlet
import pytest

from shop.contracts.commits import RecordedCommit
from shop.contracts.errors import WrongExpectedVersion
from tests.contract.support.log_builders import commit
from tests.contract.support.log_readers import everything, positions


def test_positions_are_1_2_3_without_gap_also_when_many_append_at_once(log):
    pool = eventlet.GreenPool()

    answers = list(pool.imap(log.append, [commit() for _ in range(50)]))

    assert sorted(answer["commit"]["position"] for answer in answers) == list(range(1, 51))
    assert positions(log) == list(range(1, 51))


def test_appends_that_wait_together_are_one_group(log):
    pool = eventlet.GreenPool()

    list(pool.imap(log.append, [commit() for _ in range(50)]))

    assert [len(plan.links) for plan in log.plans] == [50]


def test_a_refused_commit_leaves_no_gap(log):
    log.append(commit({"a": 0}))
    with pytest.raises(WrongExpectedVersion):
        log.append(commit({"a": 0}))
    log.append(commit({"a": 1}))

    assert positions(log) == [1, 2]


def test_a_commit_is_kept_as_it_was_sent(log, clock):
    sent = commit({"a": 0}, reads={"b": 0}, fingerprint="f", data={"text": "ä\0\u2028 𝄞", "list": [1, None, True, {}]})

    log.append(sent)

    (kept,) = everything(log)
    assert kept["command_id"] == sent["command_id"]
    assert kept["fingerprint"] == "f"
    assert kept["events"] == [{"stream": "a", "version": 1, "type": "Happened", "data": sent["events"][0]["data"]}]
    assert kept["meta"] == {**sent["meta"], "at": "2026-11-23T09:30:00.000Z"}


def test_contracts_read_what_the_log_answers(log):
    answer = log.append(commit({"a": 0}, data={"x": 1}))

    recorded = RecordedCommit.load(answer["commit"])
    assert (recorded.position, recorded.events[0].stream, recorded.events[0].version) == (1, "a", 1)


def test_several_events_of_one_stream_count_on(log):
    sent = commit({"a": 0, "b": 0})
    sent["events"] += sent["events"]

    kept = log.append(sent)["commit"]

    assert [(event["stream"], event["version"]) for event in kept["events"]] == [
        ("a", 1),
        ("b", 1),
        ("a", 2),
        ("b", 2),
    ]


def test_times_never_go_backwards(log, clock):
    log.append(commit())
    clock.turn(minutes=-4)
    log.append_many([commit(), commit()])
    clock.turn(minutes=64)
    log.append(commit())

    assert [kept["meta"]["at"] for kept in everything(log)] == [
        *["2026-11-23T09:30:00.000Z"] * 3,
        "2026-11-23T10:30:00.000Z",
    ]
