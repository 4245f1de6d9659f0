"""Many commits in one call: the outcome of each where others are refused."""

import pytest

from shop.contracts.errors import InvalidCommit
from tests.contract.support.log_builders import commit
from tests.contract.support.log_readers import kinds, versions


def test_each_commit_of_a_call_sees_the_ones_before_it(log):
    answer = log.append_many([commit({"a": version}) for version in range(3)])

    assert kinds(answer) == ["recorded"] * 3
    assert versions(log, "a") == [3]


def test_a_refused_commit_takes_later_ones_on_its_streams_with_it_and_no_others(log):
    log.append(commit({"a": 0}))

    answer = log.append_many(
        [
            commit({"a": 0, "b": 0}),  # refused
            commit({"b": 0}),  # was decided on b without what is now missing
            commit({"c": 0}, reads={"b": 0}),
            commit({"d": 0}, reads={"c": 0}),  # c is missing, too
            commit({"e": 0}),
        ]
    )

    assert kinds(answer) == [*["WrongExpectedVersion"] * 4, "recorded"]
    assert [outcome["error"]["args"] for outcome in answer["outcomes"][:4]] == [
        ["a", 0, 1],
        ["b", 0, 0],
        ["b", 0, 0],
        ["c", 0, 0],
    ]
    assert versions(log, "a", "b", "c", "d", "e") == [1, 0, 0, 0, 1]


def test_what_a_refused_commit_only_read_does_not_matter_to_later_ones(log):
    log.append(commit({"a": 0}))

    answer = log.append_many([commit({"a": 0}, reads={"read": 0}), commit({"b": 0}, reads={"read": 0})])

    assert kinds(answer) == ["WrongExpectedVersion", "recorded"]


def test_a_duplicate_takes_later_commits_on_its_streams_with_it(log):
    log.append(commit({"a": 0}, command_id="once"))

    answer = log.append_many([commit({"a": 0}, command_id="once"), commit({"a": 1}), commit({"b": 0})])

    assert kinds(answer) == ["duplicate", "WrongExpectedVersion", "recorded"]
    assert answer["outcomes"][1]["error"]["args"] == ["a", 1, 1]


def test_a_step_that_is_done_answers_even_where_an_earlier_one_is_refused(log):
    log.append(commit({"a": 0}, command_id="once"))

    answer = log.append_many([commit({"a": 5}), commit({"a": 6}, command_id="once")])

    assert kinds(answer) == ["WrongExpectedVersion", "duplicate"]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {**commit({"a": 0}), "events": []},
        {**commit({"a": 0}), "expects": {}},
        {**commit({"a": 0}), "unknown": 1},
        {**commit({"a": 0}), "command_id": "x" * 501},
        {**commit({"a": 0}), "expects": {"a": True}},
        {**commit({"a": 0}), "expects": {"a": -1}},
        commit({"a": 0}, data={"lone surrogate": "\ud800"}),
        commit({"a": 0}, data={"number": 2**70}),
        commit({"a\0": 0}),
        commit({"": 0}),
    ],
    ids=str,
)
def test_a_malformed_commit_is_refused_and_the_others_are_not(log, broken):
    answer = log.append_many([broken, commit({"b": 0})])

    assert kinds(answer) == ["InvalidCommit", "recorded"]
    with pytest.raises(InvalidCommit):
        log.append(broken)


def test_a_malformed_commit_takes_later_ones_on_its_streams_with_it(log):
    answer = log.append_many([{"events": [{"stream": "a"}, "?", {"stream": 7}]}, commit({"a": 0}), commit({"b": 0})])

    assert kinds(answer) == ["InvalidCommit", "WrongExpectedVersion", "recorded"]
