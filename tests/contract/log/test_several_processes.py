"""Several processes on one log, and a log that is opened again."""

import eventlet
import pytest

from shop.contracts.errors import CheckpointMoved, WrongExpectedVersion
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_readers import positions


def test_a_log_is_the_same_after_it_was_closed(database):
    with running_log(database.store()) as log:
        before = log.append(commit({"a": 0}, command_id="once"))
        log.append_many([], ["orders", 0, 1])
        identity = log.head()["log"]

    with running_log(database.store()) as log:
        assert log.head() == {"log": identity, "head": 1}
        assert log.append(commit({"a": 0}, command_id="once")) == {"commit": before["commit"], "duplicate": True}
        assert log.checkpoint("orders")["position"] == 1
        assert log.append(commit({"a": 1}))["commit"]["prev"] == before["commit"]["hash"]
        assert log.verify()["ok"] is True


def test_another_log_has_another_id_and_another_beginning(new_database):
    with running_log(new_database().store()) as one, running_log(new_database().store()) as two:
        first, second = (log.append(commit()) for log in (one, two))

        assert one.head()["log"] != two.head()["log"]
        assert first["commit"]["prev"] != second["commit"]["prev"]


def test_two_processes_take_turns_on_one_log(database):
    with running_log(database.store()) as one, running_log(database.store()) as two:
        for version in range(0, 20, 2):
            one.append(commit({"a": version}))
            two.append(commit({"a": version + 1}))
        one.append_many([], ["orders", 0, 5])

        with pytest.raises(WrongExpectedVersion):
            one.append(commit({"a": 19}))
        with pytest.raises(CheckpointMoved):
            two.append_many([], ["orders", 0, 6])
        assert positions(one) == positions(two) == list(range(1, 21))
        assert two.verify()["ok"] is True


def test_two_processes_append_at_once(database):
    with running_log(database.store()) as one, running_log(database.store()) as two:
        pool = eventlet.GreenPool()

        answers = list(pool.imap(lambda n: (one, two)[n % 2].append(commit()), range(100)))

        assert sorted(answer["commit"]["position"] for answer in answers) == list(range(1, 101))
        assert positions(one) == list(range(1, 101))
        assert one.verify()["ok"] is True


def test_several_processes_start_a_log_together(database):
    stores = [database.store() for _ in range(4)]
    pool = eventlet.GreenPool()

    list(pool.imap(lambda store: store.open(), stores))

    assert len({store.log_id for store in stores}) == 1
    for store in stores:
        store.close()
