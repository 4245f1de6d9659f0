"""The hash chain: every change of the log is detected."""

from itertools import pairwise

import pytest

from tests.contract.support.log_builders import commit
from tests.contract.support.log_readers import everything


def test_every_commit_names_the_hash_of_the_one_before(log):
    log.append_many([commit() for _ in range(3)])
    log.append(commit())

    kept = everything(log)

    assert len({one["hash"] for one in kept}) == 4
    assert [(one["hash"], two["prev"]) for one, two in pairwise(kept)] == [(one["hash"],) * 2 for one in kept[:-1]]
    assert log.verify() == {"ok": True, "position": 4, "detail": "every commit follows the one before"}


def test_a_changed_event_breaks_the_chain(log, database):
    log.append_many([commit(data={"amount": 100 + n}) for n in range(5)])

    database.change_body(3, '"amount":102', '"amount":999')

    verdict = log.verify()
    assert (verdict["ok"], verdict["position"]) == (False, 2)
    assert "3" in verdict["detail"]
    assert log.verify(after=3)["ok"] is True


def test_bytes_that_are_no_commit_break_the_chain(log, database):
    log.append_many([commit(data={"amount": 100 + n}) for n in range(5)])

    database.change_body(3, '"amount":102', '"amount":')

    assert log.verify()["ok"] is False


@pytest.mark.parametrize("position", [1, 3])
def test_a_removed_commit_breaks_the_chain(log, database, position):
    log.append_many([commit() for _ in range(5)])

    database.remove(position)

    assert log.verify() == {"ok": False, "position": position - 1, "detail": f"position {position} is missing"}


def test_the_chain_can_be_checked_from_a_position_on(log):
    log.append_many([commit() for _ in range(5)])

    assert log.verify(after=3)["position"] == 5
    assert log.verify(after=9)["ok"] is False


def test_a_long_chain_is_checked_in_parts(log, database):
    log.append_many([commit(data={"amount": 100 + n}) for n in range(5)])
    database.change_body(5, '"amount":104', '"amount":999')

    verdicts = [log.verify(after, limit=2) for after in (0, 2, 4)]

    assert [(verdict["ok"], verdict["position"]) for verdict in verdicts] == [(True, 2), (True, 4), (False, 4)]


def test_who_has_a_chain_checked_is_answered_in_time(log, monkeypatch):
    monkeypatch.setattr("event_store_svc.log.SECONDS_TO_VERIFY", -1)
    log.append_many([commit() for _ in range(3)])

    assert [(log.verify(after)["ok"], log.verify(after)["position"]) for after in (0, 1)] == [(True, 1), (True, 2)]
