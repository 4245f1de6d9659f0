"""A command happens once, however often it is sent."""

from itertools import product

import eventlet
import pytest

from shop.contracts.errors import CommandReused
from tests.contract.support.log_builders import commit
from tests.contract.support.log_readers import kinds, versions

KEPT, SENT = (None, "f"), (None, "f", "g")
KNOWN = FRESH = TOGETHER = (True, False)


def test_command_id_comes_first_then_the_fingerprint_then_the_version(log):
    """All cases on one log, each with a stream and ids of its own."""
    for number, case in enumerate(product(KEPT, SENT, KNOWN, FRESH, TOGETHER)):
        kept, sent, known, fresh, together = case
        stream, once = f"stream-{number}", f"once-{number}"
        first = commit({stream: 0}, command_id=once, fingerprint=kept)
        again = commit({stream: 1 if fresh else 0}, command_id=once if known else None, fingerprint=sent)

        calls = [[first, again]] if together else [[first], [again]]
        answers = [log.append_many(call) for call in calls]

        expected = "recorded" if fresh else "WrongExpectedVersion"
        if known:
            expected = "duplicate" if kept == sent else "CommandReused"
        assert kinds(answers[-1])[-1] == expected, case
        assert versions(log, stream) == ([2] if expected == "recorded" else [1]), case


def test_a_duplicate_answers_with_the_original(log):
    original = log.append(commit({"a": 0}, command_id="once", data={"first": True}))
    log.append(commit({"a": 1}))

    answer = log.append(commit({"a": 7}, command_id="once", data={"first": False}))

    assert original["duplicate"] is False
    assert answer == {"commit": original["commit"], "duplicate": True}


def test_the_same_command_many_times_at_once_happens_once(log):
    answers = list(eventlet.GreenPool().imap(log.append, [commit({"a": 0}, command_id="once") for _ in range(20)]))

    assert [answer["duplicate"] for answer in answers].count(False) == 1
    assert {answer["commit"]["position"] for answer in answers} == {1}
    assert versions(log, "a") == [1]


def test_the_same_key_with_another_request_is_refused(log):
    log.append(commit(command_id="once", fingerprint="f"))

    with pytest.raises(CommandReused):
        log.append(commit(command_id="once", fingerprint="g"))
