"""Calls between services: time-outs, typed errors, and messages that make no sense."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from eventlet.event import Event
from kombu import Connection, Exchange
from nameko.exceptions import RemoteError

from shop.contracts.actors import Actor
from shop.contracts.errors import InvalidRequest, ServiceUnavailable, TooManyTries, WrongExpectedVersion
from shop.messaging.rpc import RpcConsumer, rpc
from shop.messaging.rpc_client import Rpc
from shop.service.identity import CallingActor
from tests.component.support.running import calling, configuration, running


class AnswersService:
    name = "answers"
    actor = CallingActor()
    answer_found = Event()

    @rpc
    def echo(self, value: Any) -> Any:
        return value

    @rpc
    def whoami(self) -> str:
        return str(self.actor)

    @rpc
    def ponder(self) -> None:
        self.answer_found.wait()

    @rpc
    def fail(self, kind: str) -> None:
        raise {
            "fields": InvalidRequest({"price": ["Too much.", "Too odd."]}),
            "numbers": WrongExpectedVersion("order-1", 2, 3),
            "wait": TooManyTries(17),
            "bug": ZeroDivisionError("secret internals"),
        }[kind]

    @rpc
    def unserializable(self) -> Any:
        return object()


class AskingService:
    name = "asking"
    answers = Rpc("answers")
    nobody = Rpc("nobody")

    @rpc
    def ask(self, method: str, *args: Any) -> Any:
        return getattr(self.answers, method)(*args)

    @rpc
    def ask_twice(self) -> list[str]:
        first, second = self.answers.echo.call_async("one"), self.answers.echo.call_async("two")
        return [second.result(), first.result()]

    @rpc
    def ask_nobody(self) -> None:
        self.nobody.anything()

    @rpc
    def outstanding(self) -> int:
        return self.answers._calls.under_way


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    return configuration(tmp_path)


@pytest.fixture
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    with running(config, AnswersService, AskingService), calling(config) as cluster:
        yield cluster


def test_an_answer_comes_back_as_it_was_given(cluster: Any) -> None:
    value = {"text": "Grüße", "number": 7, "nothing": None, "list": [1, {"a": True}]}

    assert cluster.asking.ask("echo", value) == value


def test_two_calls_can_be_under_way_at_once(cluster: Any) -> None:
    assert cluster.asking.ask_twice() == ["two", "one"]


def test_errors_arrive_as_what_was_raised_with_all_they_carry(cluster: Any) -> None:
    with pytest.raises(InvalidRequest) as fields:
        cluster.asking.ask("fail", "fields")
    with pytest.raises(WrongExpectedVersion) as numbers:
        cluster.asking.ask("fail", "numbers")
    with pytest.raises(TooManyTries) as wait:
        cluster.asking.ask("fail", "wait")

    assert fields.value.errors == {"price": ["Too much.", "Too odd."]}
    assert (numbers.value.stream, numbers.value.expected, numbers.value.actual) == ("order-1", 2, 3)
    assert wait.value.retry_after == 17


def test_a_bug_of_a_service_is_not_taken_for_an_answer(cluster: Any) -> None:
    with pytest.raises(RemoteError, match="ZeroDivisionError"):
        cluster.asking.ask("fail", "bug")


def test_a_call_that_takes_too_long_ends_in_time_and_leaves_nothing_behind(config: dict[str, Any]) -> None:
    impatient = config | {"SHOP": {"rpc_timeout_seconds": 0.2}}
    with running(config, AnswersService), running(impatient, AskingService), calling(config) as cluster:
        with pytest.raises(ServiceUnavailable, match="answers"):
            cluster.asking.ask("ponder")

        assert cluster.asking.outstanding() == 0
        AnswersService.answer_found.send()


def test_a_service_that_is_not_there_is_said_to_be_unavailable(cluster: Any) -> None:
    with pytest.raises(ServiceUnavailable, match="nobody"):
        cluster.asking.ask_nobody()


def test_an_answer_that_cannot_be_sent_is_an_error_and_not_a_silence(cluster: Any) -> None:
    with pytest.raises(RemoteError, match="Unserializable"):
        cluster.answers.unserializable()


def test_the_actor_travels_from_call_to_call(config: dict[str, Any], cluster: Any) -> None:
    with calling(config, Actor("alice", "customer")) as customer:
        assert customer.asking.ask("whoami") == "customer:alice"

    assert cluster.asking.ask("whoami") == "operator:operator"


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        ("not a request", {}),
        ({"args": []}, {"reply_to": "nowhere", "correlation_id": "1"}),
        ({"args": [], "kwargs": {}}, {}),
        (["args", "kwargs"], {"reply_to": "nowhere"}),
    ],
)
def test_a_malformed_request_stops_nothing(config: dict[str, Any], cluster: Any, body: Any, properties: Any) -> None:
    exchange = Exchange("nameko-rpc", type="topic", durable=True)

    with Connection(config["AMQP_URI"]) as connection:
        connection.Producer(serializer="json").publish(
            body, exchange=exchange, routing_key="answers.echo", **properties
        )

    assert cluster.answers.echo("still there") == "still there"


def test_a_call_with_wrong_arguments_is_refused(cluster: Any) -> None:
    with pytest.raises(Exception, match="argument"):
        cluster.answers.echo()

    assert cluster.answers.echo("still there") == "still there"


def test_a_request_that_comes_while_the_service_stops_is_left_to_another_process(config: dict[str, Any]) -> None:
    class LateMessage:
        """Was delivered before the consumer ended, and is handled after it."""

        properties = {"reply_to": "nowhere", "correlation_id": "1"}
        delivery_info = {"routing_key": "answers.echo"}
        channel = SimpleNamespace(connection=True)
        requeued = False

        def requeue(self) -> None:
            self.requeued = True

    late = LateMessage()
    with running(config, AnswersService) as runner:
        [container] = runner.containers
        consumer = container.shared_extensions[RpcConsumer]

    consumer.handle_message({"args": ["hello"], "kwargs": {}}, late)

    assert late.requeued
