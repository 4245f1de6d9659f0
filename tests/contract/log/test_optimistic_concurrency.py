"""A commit is refused where a stream is not at the version that it was decided on."""

import eventlet
import pytest

from shop.contracts.errors import InvalidCommit, WrongExpectedVersion
from tests.contract.support.log_builders import commit
from tests.contract.support.log_readers import positions, versions


@pytest.mark.parametrize(("expected", "actual"), [(0, 1), (2, 1), (1, 0)])
def test_a_stream_that_is_elsewhere_refuses_the_commit(log, expected, actual):
    for version in range(actual):
        log.append(commit({"a": version}))

    with pytest.raises(WrongExpectedVersion) as refused:
        log.append(commit({"a": expected}))

    assert refused.value.args == ("a", expected, actual)


def test_a_commit_of_several_streams_is_all_or_nothing(log):
    log.append(commit({"b": 0}))

    with pytest.raises(WrongExpectedVersion):
        log.append(commit({"a": 0, "b": 0, "c": 0}))

    assert versions(log, "a", "b", "c") == [0, 1, 0]


def test_streams_that_were_only_read_are_checked_too(log):
    log.append(commit({"read": 0}))

    with pytest.raises(WrongExpectedVersion) as refused:
        log.append(commit({"a": 0}, reads={"read": 0}))
    log.append(commit({"a": 0}, reads={"read": 1, "never": 0}))

    assert refused.value.args == ("read", 0, 1)
    assert versions(log, "a", "read", "never") == [1, 1, 0]


def test_of_many_who_decide_on_the_same_version_one_gets_through(log):
    def attempt(sent):
        try:
            return log.append(sent)["duplicate"]
        except WrongExpectedVersion:
            return None

    answers = list(eventlet.GreenPool().imap(attempt, [commit({"a": 0}) for _ in range(20)]))

    assert sorted(answers, key=str) == [False, *[None] * 19]


def test_a_stream_that_is_written_has_to_be_expected(log):
    sent = commit({"a": 0})
    sent["expects"] = {"b": 0}

    with pytest.raises(InvalidCommit):
        log.append(sent)

    assert positions(log) == []
