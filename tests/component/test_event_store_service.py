"""The event store over RPC, on a broker inside of this process."""

import pytest
from nameko.events import BROADCAST, event_handler
from nameko.exceptions import RemoteError

from event_store_svc.service import EventStoreService
from shop.contracts import errors
from shop.contracts.errors import CheckpointMoved, CommandReused, InvalidCommit, ServiceUnavailable
from shop.service.settings import ConfigError
from tests.component.support.running import calling, configuration, running
from tests.contract.support.log_builders import commit
from tests.support.waiting import SOON, let_others_run, wait_until

heard = []


class Listener:
    """A follower of the log."""

    name = "listener"

    @event_handler("event_store", "committed", handler_type=BROADCAST, reliable_delivery=False)
    def hear(self, message):
        heard.append(message)


@pytest.fixture
def config(tmp_path):
    heard.clear()
    return configuration(tmp_path)


@pytest.fixture
def store(config):
    with running(config, EventStoreService, Listener), calling(config) as services:
        yield services.event_store


def heard_positions():
    return [kept["position"] for message in heard for kept in message["commits"]]


def test_a_commit_is_recorded_and_everybody_is_told(store):
    answer = store.append(commit({"a": 0}))

    assert answer["duplicate"] is False
    (message,) = wait_until(lambda: heard)
    assert message == {"log": store.head()["log"], "after": 0, "head": 1, "commits": [answer["commit"]]}


def test_duplicates_and_refusals_are_no_news(store):
    store.append(commit({"a": 0}, command_id="once"))
    store.append(commit({"a": 0}, command_id="once"))
    with pytest.raises(errors.WrongExpectedVersion):
        store.append(commit({"a": 0}))
    store.append(commit({"a": 1}))

    wait_until(lambda: heard and heard[-1]["head"] == 2)
    assert [(message["after"], message["head"]) for message in heard] == [(0, 1), (1, 2)]


def test_a_refusal_arrives_as_the_class_that_was_raised(store):
    store.append(commit({"a": 0}, command_id="once", fingerprint="f"))
    store.append_many([], ["orders", 0, 5])

    with pytest.raises(errors.WrongExpectedVersion) as wrong_version:
        store.append(commit({"a": 0}))
    with pytest.raises(CommandReused):
        store.append(commit({"a": 1}, command_id="once", fingerprint="g"))
    with pytest.raises(errors.CommitTooLarge):
        store.append(commit(data={"text": "x" * 300_000}))
    with pytest.raises(InvalidCommit):
        store.append({"command_id": 7})
    with pytest.raises(CheckpointMoved) as moved:
        store.append_many([], ["orders", 0, 6])
    with pytest.raises(errors.UnknownDeadLetter):
        store.retry_dead_letter(1)

    assert (wrong_version.value.stream, wrong_version.value.expected, wrong_version.value.actual) == ("a", 0, 1)
    assert moved.value.actual == 5


def test_append_many_names_errors_as_the_contracts_do(store):
    answer = store.append_many([commit({"a": 0}), commit({"a": 0})])

    error = answer["outcomes"][1]["error"]
    assert getattr(errors, error["type"])(*error["args"]).actual == 1


def test_appends_of_many_callers_are_told_in_few_messages(config, store):
    with calling(config) as services:
        calls = [services.event_store.append.call_async(commit()) for _ in range(100)]
        positions = sorted(call.result()["commit"]["position"] for call in calls)

    assert positions == list(range(1, 101))
    wait_until(lambda: heard and heard[-1]["head"] == 100)
    assert heard_positions() == positions
    assert len(heard) <= 50


def test_a_group_larger_than_a_message_is_told_without_its_commits(store):
    store.append_many([commit(data={"text": "x" * 100_000}) for _ in range(3)])

    (message,) = wait_until(lambda: heard)
    assert (message["after"], message["head"], message["commits"]) == (0, 3, [])


def test_passwords_are_in_no_message_and_in_one_answer_only(store):
    sent = commit({"customer-ada": 0, "credential-ada": 0})
    sent["events"][1]["data"] = {"password_hash": "$argon2id$"}

    answer = store.append(sent)

    wait_until(lambda: heard)
    assert "$argon2id$" not in str([answer, heard, store.read_all(0), store.find([sent["command_id"]])])
    assert store.read_credentials("Ada") == {"password_hash": "$argon2id$"}


def test_all_that_the_interface_names_answers(store):
    store.append(commit({"a": 0}, correlation_id="order-1"))
    letter = {"position": 1, "correlation_id": "order-1", "reaction": "reserve", "error": "?", "attempts": 6}

    assert store.read_streams([["a", 0]])["streams"]["a"]["version"] == 1
    assert len(store.read_correlations(["order-1"])["correlations"]["order-1"]) == 1
    assert store.verify()["ok"] is True
    assert store.append_many([], checkpoint=["orders", 0, 1])["checkpoint_moved"] is True
    assert store.checkpoint("orders") == {"log": store.head()["log"], "position": 1}
    store.set_aside("orders", [letter])
    (kept,) = store.dead_letters("orders")
    store.retry_dead_letter(kept["id"])
    assert store.lease("orders", "one", 5) == {
        "held": True,
        "holder": "one",
        "retrying": ["order-1"],
        **store.head(),
    }
    store.settle("orders", "order-1", 1)
    assert store.dead_letters() == []
    store.release_lease("orders", "one")
    assert store.lease("orders", "two", 5)["held"] is True


def test_a_call_that_makes_no_sense_does_not_stop_the_service(store):
    with pytest.raises(RemoteError):
        store.read_streams(7)
    with pytest.raises(RemoteError):
        store.append_many(7)

    assert store.append(commit())["commit"]["position"] == 1


def test_a_stop_answers_who_is_waiting_and_keeps_what_was_answered(config):
    with calling(config) as services:
        with running(config, EventStoreService) as runner:
            answers = [services.event_store.append.call_async(commit()) for _ in range(50)]
            let_others_run()
            runner.stop()
        with running(config, EventStoreService):
            positions = sorted(answer.result()["commit"]["position"] for answer in answers)

            assert positions == list(range(1, 51))
            assert services.event_store.head()["head"] == 50


def test_two_event_stores_serve_one_log(config):
    with (
        running(config, EventStoreService, Listener),
        running(config, EventStoreService),
        calling(config) as services,
    ):
        calls = [services.event_store.append.call_async(commit()) for _ in range(100)]
        positions = sorted(call.result()["commit"]["position"] for call in calls)

        assert positions == list(range(1, 101))
        assert services.event_store.verify() | {"detail": ""} == {"ok": True, "position": 100, "detail": ""}
        wait_until(lambda: max((message["head"] for message in heard), default=0) == 100)
        assert all(len(message["commits"]) in (0, message["head"] - message["after"]) for message in heard)


def test_a_database_that_is_away_is_told_to_the_caller(store, monkeypatch):
    monkeypatch.setattr("event_store_svc.patience.PATIENCE", SOON)
    monkeypatch.setattr("event_store_svc.sql.database._run", away)

    with pytest.raises(ServiceUnavailable):
        store.append(commit())
    with pytest.raises(ServiceUnavailable):
        store.head()


def away(*_args):
    from sqlalchemy.exc import OperationalError

    raise OperationalError("SELECT 1", {}, Exception("no database"))


@pytest.mark.parametrize("url", [None, "sqlite://", "nonsense", "mongodb://127.0.0.1"])
def test_a_configuration_without_a_usable_log_says_so(config, url):
    broken = {key: value for key, value in config.items() if key != "LOG_URL"} | ({"LOG_URL": url} if url else {})

    with pytest.raises(ConfigError, match="LOG_URL"), running(broken, EventStoreService):
        pass
