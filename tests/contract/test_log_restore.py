"""Restoring a log from a backup, as every adapter has to do it, whatever it was copied from."""

import pytest

from event_store_svc.sql import SqlStore
from shop.contracts.errors import InvalidRequest, LogBeingRestored, LogNotEmpty
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_databases import MAKERS

LETTERS = [
    {"position": 2, "correlation_id": "an order", "reaction": "reserve", "error": "ZeroDivisionError", "attempts": 6},
    {"position": 3, "correlation_id": "an order", "reaction": "reserve", "error": "waits", "attempts": 0},
]


@pytest.fixture
def original(tmp_path):
    """A log of four commits, with a checkpoint and dead letters."""
    with running_log(SqlStore(f"sqlite:///{tmp_path}/original.db")) as log:
        log.append(commit({"a": 0, "b": 0}))
        log.append(commit({"a": 1}))
        log.append(commit({"credential-ada": 0}, data={"password_hash": "secret"}))
        log.append_many([commit({"b": 1})], checkpoint=["products", 0, 3])
        log.set_aside("products", LETTERS)
        yield log


@pytest.fixture(params=MAKERS)
def database(request):
    return request.param(request)


@pytest.fixture
def log(database):
    with running_log(database.store()) as log:
        yield log


def send(original, log, *, after=0, until=4):
    """Restore a stretch of the copy."""
    log.restore(original.kept()["log"], original.copy(after)["commits"][: until - after])


def end(original, log):
    kept = original.kept()
    log.end_restore(kept["checkpoints"], kept["dead_letters"])


def test_commits_come_back_as_they_were(original, log):
    send(original, log, until=1)
    send(original, log, after=1)
    end(original, log)

    assert log.copy(0) == original.copy(0)
    assert log.kept()["log"] == original.kept()["log"]
    assert log.verify()["ok"]
    wanted = [("a", 0), ("b", 0), ("credential-ada", 0)]
    assert log.read_streams(wanted) == original.read_streams(wanted)
    assert log.read_credentials("ada") == {"password_hash": "secret"}


def test_the_log_goes_on_where_it_ended(original, log):
    send(original, log)
    end(original, log)

    assert log.append(commit({"a": 2, "b": 2}))["commit"]["position"] == 5
    assert log.verify()["position"] == 5


def test_a_step_that_was_done_is_known_to_be_done(original, log):
    step = commit({"c": 0}, command_id="once")
    original.append(step)
    send(original, log, until=5)
    end(original, log)

    assert log.append(step)["duplicate"]


def test_nothing_else_is_recorded_meanwhile_by_any_process(original, log, database):
    send(original, log, until=2)

    with pytest.raises(LogBeingRestored):
        log.append(commit())
    with running_log(database.store()) as another, pytest.raises(LogBeingRestored):
        another.append_many([commit()], checkpoint=["orders", 0, 1])
    assert log.head()["head"] == 2


def test_what_is_sent_again_changes_nothing(original, log):
    send(original, log, until=3)
    send(original, log, after=1)
    send(original, log)
    end(original, log)

    assert log.copy(0) == original.copy(0)


def test_checkpoints_and_dead_letters_come_back(original, log):
    send(original, log)
    end(original, log)

    assert log.checkpoint("products")["position"] == 3
    told = [{name: letter[name] for name in LETTERS[0]} for letter in log.dead_letters("products")]
    assert told == LETTERS
    log.retry_dead_letter(log.dead_letters()[0]["id"])
    assert log.lease("products", "me", 1)["retrying"] == ["an order"]


def test_ending_it_twice_changes_nothing(original, log):
    send(original, log)
    end(original, log)
    log.append_many([], checkpoint=["products", 3, 4])

    end(original, log)

    assert log.checkpoint("products")["position"] == 4


def test_every_process_gives_followers_a_new_name_of_the_log(original, log, database):
    with running_log(database.store()) as another:
        before = another.head()["log"]
        send(original, log)
        end(original, log)

        assert another.head() == {"log": log.head()["log"], "head": 4}
        assert log.head()["log"] not in (before, original.head()["log"])
        assert another.verify()["ok"]


def test_a_log_that_is_not_empty_is_left_alone(original, log):
    log.append(commit())
    before = log.copy(0)

    with pytest.raises(LogNotEmpty):
        send(original, log)

    assert log.copy(0) == before
    assert log.append(commit())["commit"]["position"] == 2


def test_a_restored_log_is_not_restored_again(original, log):
    send(original, log)
    end(original, log)

    with pytest.raises(LogNotEmpty):
        send(original, log)


def test_another_copy_is_refused_in_the_middle(original, log, tmp_path):
    send(original, log, until=2)
    with running_log(SqlStore(f"sqlite:///{tmp_path}/other.db")) as other:
        other.append(commit())

        with pytest.raises(LogNotEmpty):
            send(other, log, until=1)


def test_a_gap_or_a_changed_commit_is_refused(original, log):
    send(original, log, until=1)
    changed = original.copy(1)["commits"]
    changed[0]["body"] = changed[0]["body"].replace("Happened", "Happenes")

    with pytest.raises(InvalidRequest):
        send(original, log, after=2)
    with pytest.raises(InvalidRequest):
        log.restore(original.kept()["log"], changed)

    assert log.head()["head"] == 1


@pytest.mark.parametrize("commits", [[{}], [{"hash": "", "body": ""}], [{"hash": 1, "body": 2}], ["?"], [None]])
def test_what_is_no_commit_is_refused(original, log, commits):
    with pytest.raises(InvalidRequest):
        log.restore(original.kept()["log"], commits)

    assert log.head()["head"] == 0
