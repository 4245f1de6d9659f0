"""Checkpoints: they move with the commits of their call, or not at all."""

import eventlet
import pytest

from shop.contracts.errors import CheckpointMoved, InvalidRequest
from tests.contract.support.log_builders import commit
from tests.contract.support.log_readers import kinds, positions, versions


def test_a_checkpoint_moves_with_the_commits_of_its_call(log):
    answer = log.append_many([commit({"a": 0})], ["orders", 0, 5])

    assert answer["checkpoint_moved"] is True
    assert log.checkpoint("orders") == {"log": log.head()["log"], "position": 5}


def test_a_checkpoint_nobody_has_moved_is_at_0(log):
    assert log.checkpoint("orders")["position"] == 0


def test_a_checkpoint_moves_without_commits(log):
    assert log.append_many([], ["orders", 0, 5]) == {"outcomes": [], "checkpoint_moved": True}
    assert log.append_many([], ["orders", 5, 9])["checkpoint_moved"] is True
    assert log.checkpoint("orders")["position"] == 9


def test_a_checkpoint_stays_when_a_commit_is_refused(log):
    answer = log.append_many([commit({"a": 1}), commit({"b": 0})], ["orders", 0, 5])

    assert kinds(answer) == ["WrongExpectedVersion", "recorded"]
    assert answer["checkpoint_moved"] is False
    assert log.checkpoint("orders")["position"] == 0


def test_a_checkpoint_moves_over_what_was_done_before(log):
    log.append(commit({"a": 0}, command_id="once"))

    answer = log.append_many([commit({"a": 0}, command_id="once")], ["orders", 0, 5])

    assert answer["checkpoint_moved"] is True


def test_whoever_is_mistaken_about_a_checkpoint_writes_nothing(log):
    log.append_many([], ["orders", 0, 5])

    with pytest.raises(CheckpointMoved) as refused:
        log.append_many([commit({"a": 0})], ["orders", 4, 6])

    assert refused.value.args == ("orders", 4, 5)
    assert positions(log) == []
    assert log.checkpoint("orders")["position"] == 5


def test_of_two_who_move_a_checkpoint_at_once_one_gets_through(log):
    def attempt(sent):
        try:
            return kinds(log.append_many([sent], ["orders", 0, 5]))
        except CheckpointMoved:
            return "late"

    answers = list(eventlet.GreenPool().imap(attempt, [commit({"a": 0}), commit({"b": 0})]))

    assert answers == [["recorded"], "late"]
    assert versions(log, "a", "b") == [1, 0]


@pytest.mark.parametrize(
    "checkpoint", [[], ["orders"], ["orders", 1], ["orders", 1, -2], [1, 1, 1], "abc", 7, ["", 0, 1]]
)
def test_a_malformed_checkpoint_is_refused(log, checkpoint):
    with pytest.raises(InvalidRequest):
        log.append_many([], checkpoint)
