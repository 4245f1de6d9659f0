"""Risks that only a log on MongoDB has: groups that end in the middle, and a server that goes away."""

import os
import signal
import threading
from contextlib import ExitStack, contextmanager

import eventlet
import pytest
from pymongo.errors import AutoReconnect

from event_store_svc import patience
from event_store_svc.announcer import News
from event_store_svc.mongodb import MongoStore
from event_store_svc.mongodb.commits import MongoCommits
from shop.contracts.errors import CheckpointMoved, ServiceUnavailable
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_databases import on_mongodb
from tests.support.waiting import let_others_run, wait_until


@pytest.fixture
def database(request):
    return on_mongodb(request)


@pytest.fixture
def log(database):
    with running_log(database.store()) as log:
        yield log


@pytest.fixture
def elsewhere(database):
    """The same log in another process."""
    with running_log(database.store()) as log:
        yield log


@pytest.fixture
def short_patience(monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", 0.5)


def outcomes(answer):
    return [(outcome["commit"]["position"], outcome["duplicate"]) for outcome in answer["outcomes"]]


@contextmanager
def changed_once(monkeypatch, name, change):
    """Have the log's next call of this method go through `change(method, log, *arguments)`."""
    method = getattr(MongoCommits, name)

    def changed(self, *args):
        monkeypatch.setattr(MongoCommits, name, method)
        return change(method, self, *args)

    monkeypatch.setattr(MongoCommits, name, changed)
    yield
    assert getattr(MongoCommits, name) is method, "it was never called"


def test_a_group_that_another_process_cuts_in_two_goes_on_behind_it(log, elsewhere, monkeypatch):
    def insert_with_a_pause(insert, self, links):
        insert(self, links[:2])
        elsewhere.append(commit({"other": 0}))
        insert(self, links[2:])

    with changed_once(monkeypatch, "insert", insert_with_a_pause):
        answer = log.append_many([commit({"a": version}) for version in range(4)], ["orders", 0, 1])

    assert outcomes(answer) == [(1, False), (2, False), (4, False), (5, False)]
    assert answer["checkpoint_moved"] is True
    assert [link.commit["position"] for link in log.plans[-1].links] == [1, 2, 4, 5]
    assert log.verify()["position"] == 5


def test_what_the_other_process_wrote_in_the_middle_counts_for_the_rest(log, elsewhere, monkeypatch):
    def insert_with_a_pause(insert, self, links):
        insert(self, links[:1])
        elsewhere.append(commit({"a": 1}))
        insert(self, links[1:])

    with changed_once(monkeypatch, "insert", insert_with_a_pause):
        answer = log.append_many([commit({"a": 0}), commit({"a": 1}), commit({"b": 0})], ["orders", 0, 1])

    first, second, third = answer["outcomes"]
    assert first["duplicate"] is False
    assert second["error"] == {"type": "WrongExpectedVersion", "args": ["a", 1, 2]}
    assert third["commit"]["position"] == 3
    assert answer["checkpoint_moved"] is False
    assert log.checkpoint("orders")["position"] == 0


@pytest.mark.parametrize("taken", [0, 2, 3])
def test_a_connection_that_is_lost_in_the_middle_takes_nothing_twice(log, monkeypatch, taken):
    def insert_and_lose_the_answer(insert, self, links):
        if taken:
            insert(self, links[:taken])
        raise AutoReconnect("connection closed")

    with changed_once(monkeypatch, "insert", insert_and_lose_the_answer):
        answer = log.append_many([commit({"a": version}) for version in range(3)])

    assert outcomes(answer) == [(1, False), (2, False), (3, False)]
    assert log.head()["head"] == 3


def test_a_commit_of_the_same_group_and_id_is_a_duplicate_also_after_a_lost_connection(log, monkeypatch):
    def insert_and_lose_the_answer(insert, self, links):
        insert(self, links)
        raise AutoReconnect("connection closed")

    with changed_once(monkeypatch, "insert", insert_and_lose_the_answer):
        answer = log.append_many([commit({"a": 0}, command_id="once") for _ in range(2)])

    assert outcomes(answer) == [(1, False), (1, True)]


def test_the_news_of_a_group_that_was_cut_in_two_leave_its_commits_out(log, elsewhere, monkeypatch):
    """A follower of the log takes the commits of a message for all that there are."""

    def insert_with_a_pause(insert, self, links):
        insert(self, links[:1])
        elsewhere.append(commit())
        insert(self, links[1:])

    with changed_once(monkeypatch, "insert", insert_with_a_pause):
        log.append_many([commit(), commit()])

    news = News.of(log.plans[-1].links)
    assert (news.after, news.head, news.commits) == (0, 3, [])


def test_after_a_death_between_commits_and_checkpoint_the_same_batch_brings_duplicates_and_moves_it(log, monkeypatch):
    batch = [commit({"a": 0}), commit({"b": 0})]

    def die(*_args):
        raise RuntimeError("killed")

    with changed_once(monkeypatch, "_move_checkpoints", die), pytest.raises(RuntimeError):
        log.append_many(batch, ["orders", 0, 1])
    before = log.checkpoint("orders")["position"]
    answer = log.append_many(batch, ["orders", 0, 1])

    assert before == 0
    assert outcomes(answer) == [(1, True), (2, True)]
    assert log.checkpoint("orders")["position"] == 1


@pytest.mark.parametrize("known", [0, 5])
def test_whoever_loses_a_checkpoint_to_another_process_learns_so(log, elsewhere, monkeypatch, known):
    if known:
        log.append_many([], ["orders", 0, known])

    def move_late(move, self, *args):
        elsewhere.append_many([], ["orders", known, 7])
        return move(self, *args)

    with changed_once(monkeypatch, "_move_checkpoints", move_late), pytest.raises(CheckpointMoved) as refused:
        log.append_many([commit()], ["orders", known, 6])

    assert refused.value.args == ("orders", known, 7)
    assert log.checkpoint("orders")["position"] == 7


def append_at_last(log, sent):
    """As callers do it: a server that takes long to start wears out the log's patience."""
    while True:
        try:
            return log.append(sent)
        except ServiceUnavailable:
            continue


def test_what_was_answered_survives_the_servers_death_and_the_log_goes_on(log, mongodb_server):
    pool = eventlet.GreenPool()
    answers = list(pool.imap(log.append, [commit() for _ in range(20)]))
    under_way = eventlet.spawn(append_at_last, log, commit(command_id="under way"))

    mongodb_server.kill()
    mongodb_server.start()

    assert under_way.wait()["commit"]["position"] == 21
    assert append_at_last(log, commit())["commit"]["position"] == 22
    kept = {kept["command_id"] for kept in log.read_all(0)["commits"]}
    assert {answer["commit"]["command_id"] for answer in answers} < kept
    assert log.verify()["ok"] is True


@pytest.fixture
def frozen(mongodb):
    """A server that holds its connections and says nothing."""
    with ExitStack() as stack:

        def freeze():
            os.kill(mongodb.pid, signal.SIGSTOP)
            stack.callback(os.kill, mongodb.pid, signal.SIGCONT)

        yield freeze


def test_no_call_waits_for_ever_and_other_greenlets_run_meanwhile(log, frozen, short_patience):
    frozen()
    for call in (lambda: log.append(commit()), log.head, lambda: log.lease("orders", "one", 5)):
        other = eventlet.spawn(let_others_run, 30)
        with pytest.raises(ServiceUnavailable):
            call()
        assert other.dead


def test_the_drivers_own_threads_are_green_and_end_with_the_store(database):
    before = set(threading.enumerate())
    store = database.store()
    store.open()
    began = [thread for thread in threading.enumerate() if thread not in before]

    store.close()

    assert any("pymongo" in thread.name for thread in began)
    wait_until(lambda: not any(thread.is_alive() for thread in began), "the end of the threads")


@pytest.mark.parametrize("url", ["mongodb://", "mongodb://host", "mongodb://host:port/log", "mongodb://host/a b.c"])
def test_a_url_that_cannot_hold_a_log_is_refused(url):
    with pytest.raises(ValueError, match=r".+"):
        MongoStore(url)


def test_a_server_that_is_not_there_is_named_with_the_key_and_without_the_password(short_patience, capsys):
    store = MongoStore("mongodb://ada:secret@127.0.0.1:1/log")

    with pytest.raises(ServiceUnavailable):
        store.open()
    store.close()

    said = capsys.readouterr().out
    assert "The database of LOG_URL cannot be reached" in said
    assert "secret" not in said
