"""Nameko's own RPC on the embedded transport, and what it costs."""

import json
import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from eventlet.event import Event
from kombu import Producer
from nameko.contextdata import ContextDataProvider
from nameko.exceptions import RpcTimeout, UnknownService
from nameko.rpc import rpc

from tests.component.embedded.support.services import (
    Fruits,
    OutOfApples,
    Shopper,
    calling,
    client,
    fresh_uri,
    ready_in,
    running,
    slow_fruits,
)
from tests.support.waiting import SOON, wait_until

ROOT = Path(__file__).parents[3]


class Actor(ContextDataProvider):
    context_key = "actor"


class Inspector:
    """Tells who calls."""

    name = "inspector"
    actor = Actor()

    @rpc
    def who_calls(self):
        return self.actor


class TestCalls:
    def test_a_call_returns_the_result(self, uri):
        with running(uri, Fruits), calling(uri) as services:
            answer = services.fruits.echo({"pears": [1, None, "ä"]})

        assert answer == {"pears": [1, None, "ä"]}

    def test_a_service_calls_another_one(self, uri):
        with running(uri, Fruits, Shopper), calling(uri) as services:
            answer = services.shopper.buy(["pear"])

        assert answer == ["pear"]

    def test_many_calls_at_once_get_each_their_own_answer(self, uri):
        with running(uri, Fruits, Shopper), calling(uri) as services:
            answer = services.shopper.buy(list(range(300)))

        assert answer == list(range(300))

    def test_calls_do_not_wait_for_a_slow_one(self, uri):
        gate = Event()
        with running(uri, slow_fruits(gate)), calling(uri) as services:
            slow = services.fruits.echo_later.call_async("slow")

            assert services.fruits.echo("quick") == "quick"

            gate.send()
            assert slow.result() == "slow"

    def test_an_error_arrives_as_its_own_class(self, uri):
        with running(uri, Fruits, Shopper), calling(uri) as services:
            answer = services.shopper.buy_apples()
            with pytest.raises(OutOfApples, match="none since Tuesday"):
                services.fruits.apples()

        assert answer == "no apples: none since Tuesday"

    def test_context_data_travels_along(self, uri):
        actor = {"username": "ann", "roles": ["customer"], "session": {"ip": "", "since": 1.5}}

        with running(uri, Inspector), calling(uri, context_data={"actor": actor}) as services:
            answer = services.inspector.who_calls()

        assert answer == actor

    def test_a_service_that_never_was_is_unknown_at_once(self, uri):
        with running(uri, Shopper), calling(uri) as services:
            with pytest.raises(UnknownService, match="vegetables"):
                services.vegetables.echo("carrot")
            with pytest.raises(Exception, match="UnknownService") as raised:
                services.shopper.buy_vegetables()

        assert raised.value.exc_type == "UnknownService"

    def test_a_call_to_a_stopped_service_waits_until_it_is_back(self, uri):
        with running(uri, Fruits):
            pass

        with calling(uri) as services:
            reply = services.fruits.echo.call_async("pear")
            waiting = ready_in(uri, "rpc-fruits")
            with running(uri, Fruits):
                answer = reply.result()

        assert (waiting, answer) == (1, "pear")

    def test_a_standalone_proxy_gives_up_after_the_time_it_was_given(self, uri):
        with running(uri, Fruits):
            pass

        with calling(uri, timeout=SOON) as services, pytest.raises(RpcTimeout):
            services.fruits.echo("pear")

    def test_an_answer_that_cannot_be_serialized_is_an_error_and_no_end(self, uri):
        class Odd:
            name = "odd"

            @rpc
            def answer(self, *, odd):
                return {1, 2} if odd else 2

        with running(uri, Odd), calling(uri) as services:
            with pytest.raises(Exception, match="UnserializableValueError"):
                services.odd.answer(odd=True)
            answer = services.odd.answer(odd=False)

        assert answer == 2


class TestMalformedMessages:
    """Nameko logs and acknowledges what it cannot decode; a caller would get no answer."""

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [(b"?", "application/x-unknown"), (b"{", "application/json"), (b"\xff\xfe", "application/json")],
    )
    def test_one_that_cannot_be_decoded_is_dropped_and_the_next_is_served(self, uri, caplog, body, content_type):
        with running(uri, Fruits), calling(uri) as services, caplog.at_level(logging.CRITICAL, "kombu"):
            with client(uri) as connection:
                channel = connection.default_channel
                message = channel.prepare_message(body, content_type=content_type, content_encoding="utf-8")
                channel.basic_publish(message, exchange="nameko-rpc", routing_key="fruits.echo")
            answer = services.fruits.echo("pear")

            assert answer == "pear"
            wait_until(lambda: ready_in(uri, "rpc-fruits") == 0)

    def test_one_that_is_no_call_is_answered_with_an_error_and_the_next_is_served(self, uri):
        with running(uri, Fruits), calling(uri) as services:
            with client(uri) as connection:
                Producer(connection).publish([1], exchange="nameko-rpc", routing_key="fruits.echo", reply_to="nobody")
            answer = services.fruits.echo("pear")

        assert answer == "pear"


def test_nothing_is_left_of_thousands_of_calls():
    """In a process of its own, where nothing else takes memory."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.component.embedded.support.probe"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    left = json.loads(done.stdout)
    assert {name: left[name] for name in ("queues", "exchanges", "messages", "held")} == {
        "queues": 0,
        "exchanges": 0,
        "messages": 0,
        "held": 0,
    }
    assert left["objects"] < 200
    assert left["megabytes"] < 5


def test_brokers_of_different_names_know_nothing_of_each_other(uri):
    with running(uri, Fruits), calling(fresh_uri()) as elsewhere, pytest.raises(UnknownService):
        elsewhere.fruits.echo("pear")


def test_the_name_is_all_that_follows_the_scheme(uri):
    with running(f"{uri}/", Fruits), calling(uri) as services:
        assert services.fruits.echo("pear") == "pear"


def test_nameko_gives_no_warning(uri):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with running(uri, Fruits, Shopper), calling(uri) as services:
            assert services.shopper.buy(["pear"]) == ["pear"]
