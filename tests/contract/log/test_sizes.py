"""Limits: how large a commit may be, and where answers end."""

import orjson
import pytest

from event_store_svc import patience
from event_store_svc.commits import MAX_ANSWER, MAX_COMMIT
from shop.contracts.errors import CommitTooLarge
from tests.contract.support.log_builders import commit, sized
from tests.contract.support.log_readers import everything, kinds, positions


def test_a_commit_has_at_most_256_kib(log):
    log.append(sized(MAX_COMMIT))
    with pytest.raises(CommitTooLarge) as refused:
        log.append(sized(MAX_COMMIT + 1))

    assert refused.value.args == (MAX_COMMIT + 1,)
    assert positions(log) == [1]


def test_a_commit_that_is_too_large_does_not_fail_the_others(log):
    answer = log.append_many([sized(MAX_COMMIT + 1), commit()])

    assert kinds(answer) == ["CommitTooLarge", "recorded"]


def test_answers_end_at_1_mib_and_say_where_to_go_on(log):
    log.append_many([sized(200_000) for _ in range(12)])

    page = log.read_all(0)

    assert 5 * 200_000 <= len(orjson.dumps(page)) <= MAX_ANSWER
    assert page["next"] == 5
    assert [kept["position"] for kept in everything(log)] == list(range(1, 13))


def test_a_page_has_a_commit_even_when_that_alone_is_as_large_as_can_be(log):
    log.append_many([sized(MAX_COMMIT), sized(MAX_COMMIT)])

    assert [len(log.read_all(after)["commits"]) for after in (0, 1)] == [2, 1]


def test_streams_are_cut_at_1_mib_and_say_where_to_go_on(log):
    streams = ["a", "b", "c"]
    log.append_many([sized(200_000, writes={stream: n}) for n in range(4) for stream in streams])

    wanted, seen, answers = dict.fromkeys(streams, 0), [], 0
    while wanted:
        answer = log.read_streams(wanted.items())["streams"]
        assert len(orjson.dumps(answer)) <= MAX_ANSWER
        answers += 1
        seen += [(event["stream"], event["version"]) for part in answer.values() for event in part["events"]]
        wanted = {stream: part["next"] for stream, part in answer.items() if part["next"] is not None}

    assert answers == 3
    assert sorted(seen) == [(stream, version) for stream in streams for version in range(1, 5)]


def test_streams_that_one_answer_does_not_reach_are_named_with_where_they_stand(log):
    log.append_many([sized(250_000, writes={stream: 0}) for stream in "abcdef"])
    log.append(commit({"f": 1}))

    answer = log.read_streams([(stream, 0) for stream in "abcdef"])["streams"]

    assert [len(answer[stream]["events"]) for stream in "abcdef"] == [1, 1, 1, 1, 0, 0]
    assert answer["f"] == {"version": 2, "events": [], "next": 0, "anchor": ""}


def test_more_events_than_one_answer_has_are_read_in_several(log, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", 60.0)  # such a group takes a stand-in on a busy machine its time
    log.append_many([commit({"a": n}) for n in range(510)])
    log.append_many([commit({"b": n}) for n in range(510)])

    first = log.read_streams([("a", 0), ("b", 0)])["streams"]
    second = log.read_streams([(stream, part["next"]) for stream, part in first.items() if part["next"]])["streams"]

    assert (len(first["a"]["events"]), len(first["b"]["events"])) == (510, 490)
    assert [event["version"] for event in second["b"]["events"]] == list(range(491, 511))


def test_commits_shared_by_streams_leave_no_hole_in_an_answer(log):
    log.append_many([sized(200_000, writes={"b": n}) for n in range(6)])
    log.append(commit({"a": 0, "b": 6}))

    wanted, seen = {"a": 0, "b": 0}, {"a": [], "b": []}
    while wanted:
        answer = log.read_streams(wanted.items())["streams"]
        for stream, part in answer.items():
            seen[stream] += [event["version"] for event in part["events"]]
        wanted = {stream: part["next"] for stream, part in answer.items() if part["next"] is not None}

    assert seen == {"a": [1], "b": [1, 2, 3, 4, 5, 6, 7]}


def test_correlations_are_cut_at_1_mib_and_answered_whole(log):
    log.append_many([sized(200_000, correlation_id=name) for name in "abcabcabc"])

    first = log.read_correlations(["a", "b", "c"])
    second = log.read_correlations(first["next"])

    assert {name: len(events) for name, events in first["correlations"].items()} == {"a": 3}
    assert first["next"] == ["b", "c"]
    assert {name: len(events) for name, events in second["correlations"].items()} == {"b": 3}


def test_a_correlation_larger_than_an_answer_is_answered_all_the_same(log):
    log.append_many([sized(200_000, correlation_id="large") for _ in range(7)])

    assert len(log.read_correlations(["large"])["correlations"]["large"]) == 7
