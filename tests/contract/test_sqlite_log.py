"""Particulars of a log on SQLite: one lock for all writers, and files."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import eventlet
import pytest
from sqlalchemy.exc import OperationalError

from event_store_svc import patience
from event_store_svc.domain import Tail
from event_store_svc.sql import SqlStore
from event_store_svc.sql import commits as sql_commits
from event_store_svc.sql.commits import SqlCommits
from shop.contracts.errors import CheckpointMoved, ServiceUnavailable
from tests.contract.support.log_builders import commit, running_log
from tests.support.waiting import SOON, let_others_run


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path):
    with running_log(SqlStore(f"sqlite:///{path}")) as log:
        yield log


@pytest.fixture
def short_patience(monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", SOON)


@pytest.fixture
def elsewhere(path, log):
    """A connection of another process."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def pragma(log, name, value=None):
    """Read, or change, a setting of the connection that the log uses: SQLite's are one at a time."""
    with log._store._database._engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}" + (f" = {value}" if value else "")).scalar()


def test_a_commit_that_was_answered_survives_a_power_cut(log):
    assert pragma(log, "journal_mode") == "wal"
    assert pragma(log, "synchronous") == 2  # FULL


def test_an_append_waits_for_another_process_and_lets_other_greenlets_run(log, elsewhere):
    elsewhere.execute("BEGIN IMMEDIATE")
    append = eventlet.spawn(log.append, commit())

    # This greenlet runs on while the other one waits for the lock, or it could never give it back.
    let_others_run(20)
    waited = not append.dead
    elsewhere.execute("COMMIT")

    assert waited
    assert append.wait()["commit"]["position"] == 1


def test_an_append_that_waited_too_long_is_refused_and_not_written(log, elsewhere, short_patience):
    elsewhere.execute("BEGIN IMMEDIATE")

    with pytest.raises(ServiceUnavailable):
        log.append(commit({"a": 0}))
    elsewhere.execute("COMMIT")

    assert log.head()["head"] == 0
    assert log.append(commit({"a": 0}))["commit"]["position"] == 1


def test_readers_do_not_wait_for_a_writer(log, elsewhere, short_patience):
    log.append(commit({"a": 0}))
    elsewhere.execute("BEGIN IMMEDIATE")
    elsewhere.execute("DELETE FROM log_commits")

    assert len(log.read_all(0)["commits"]) == 1


def test_the_writer_does_not_wait_for_readers(log, elsewhere, short_patience):
    log.append(commit({"a": 0}))
    elsewhere.execute("BEGIN")
    elsewhere.execute("SELECT * FROM log_commits").fetchone()

    assert log.append(commit({"a": 1}))["commit"]["position"] == 2


def test_a_full_disk_refuses_appends_and_leaves_the_log_as_it_was(log, short_patience):
    log.append(commit({"a": 0}))
    pragma(log, "max_page_count", pragma(log, "page_count") + 2)

    with pytest.raises(ServiceUnavailable):
        log.append(commit({"a": 1}, data={"text": "x" * 100_000}))

    assert log.read_streams([("a", 0)])["streams"]["a"]["version"] == 1
    assert log.verify()["ok"] is True
    pragma(log, "max_page_count", 1_000_000)
    assert log.append(commit({"a": 1}))["commit"]["position"] == 2


def test_a_transaction_that_fails_at_its_end_leaves_nothing(log, monkeypatch):
    def fail(*_args):
        raise RuntimeError("just before the end")

    monkeypatch.setattr(sql_commits, "_move_checkpoints", fail)
    with pytest.raises(RuntimeError):
        log.append_many([commit({"a": 0})], ["orders", 0, 1])
    monkeypatch.undo()

    assert log.head()["head"] == 0
    assert log.read_streams([("a", 0)])["streams"]["a"]["version"] == 0
    assert log.append_many([commit({"a": 0})], ["orders", 0, 1])["checkpoint_moved"] is True


def test_a_transaction_that_fails_once_is_tried_again(log, monkeypatch):
    move, tries = sql_commits._move_checkpoints, []

    def fail_once(*args):
        tries.append(args)
        if len(tries) == 1:
            raise OperationalError("COMMIT", {}, Exception("the database went away"))
        move(*args)

    monkeypatch.setattr(sql_commits, "_move_checkpoints", fail_once)

    answer = log.append_many([commit({"a": 0})], ["orders", 0, 1])

    assert len(tries) == 2
    assert answer["outcomes"][0]["duplicate"] is False
    assert log.head()["head"] == 1


# A database without SQLite's one lock lets others write between our reading and our writing.


def test_a_position_that_another_process_has_just_taken_is_not_taken_again(log, monkeypatch):
    log.append(commit())
    outdated = once(monkeypatch, "_known", lambda self, known: replace(known, tail=Tail.of_empty(self._log_id)))

    answer = log.append(commit())

    assert outdated == ["_known"]
    assert answer["commit"]["position"] == 2
    assert log.verify()["ok"] is True


def test_a_checkpoint_that_another_process_has_just_moved_is_not_moved_again(log, monkeypatch):
    log.append_many([], ["orders", 0, 5])
    outdated = once(monkeypatch, "_known", lambda self, known: replace(known, checkpoints={"orders": 1}))

    with pytest.raises(CheckpointMoved) as refused:
        log.append_many([commit()], ["orders", 1, 2])

    assert outdated == ["_known"]
    assert refused.value.actual == 5
    assert log.head()["head"] == 0


def once(monkeypatch, name, change):
    """Change what the log reads for its next write. That it was changed is noted."""
    read, changed = getattr(SqlCommits, name), []

    def changed_once(self, *args):
        answer = read(self, *args)
        if changed:
            return answer
        changed.append(name)
        return change(self, answer)

    monkeypatch.setattr(SqlCommits, name, changed_once)
    return changed


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "nonsense", "nosuchdialect://host/x", "mysql+nosuchdriver://host/x"]
)
def test_a_url_that_cannot_hold_a_log_is_refused(url):
    with pytest.raises(ValueError, match=r".+"):
        SqlStore(url)


def test_a_folder_that_is_not_there_is_not_waited_for_without_end(tmp_path, short_patience):
    store = SqlStore(f"sqlite:///{tmp_path}/missing/log.sqlite")

    with pytest.raises(ServiceUnavailable):
        store.open()
