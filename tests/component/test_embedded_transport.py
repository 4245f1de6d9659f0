"""Nameko's own RPC, events and queue consumers on the embedded transport."""

import json
import logging
import subprocess
import sys
import time
import warnings
from pathlib import Path

import eventlet
import pytest
from eventlet.event import Event
from eventlet.queue import LightQueue
from kombu import Exchange, Producer, Queue
from nameko.contextdata import ContextDataProvider
from nameko.events import BROADCAST, SINGLETON, event_handler
from nameko.exceptions import RpcTimeout, UnknownService
from nameko.messaging import Consumer, consume
from nameko.rpc import rpc
from nameko.standalone.events import event_dispatcher

from tests.component.embedded_services import (
    Fruits,
    OutOfApples,
    Shopper,
    broker_of,
    calling,
    client,
    eventually,
    fresh_uri,
    ready_in,
    running,
)

ROOT = Path(__file__).parents[2]
PARCELS = Queue("parcels", Exchange("parcels", type="direct"), routing_key="parcel")


@pytest.fixture
def uri():
    return fresh_uri()


def send_parcels(uri, *parcels):
    with client(uri) as connection:
        producer = Producer(connection, PARCELS.exchange, routing_key=PARCELS.routing_key, serializer="json")
        for parcel in parcels:
            producer.publish(parcel, declare=[PARCELS])


def parcel_service(seen, *, work=lambda parcel: None, **options):
    class Parcels:
        name = "parcels"

        @consume(PARCELS, **options)
        def take(self, parcel):
            seen.append(parcel)
            work(parcel)

    return Parcels


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
        with running(uri, Fruits), calling(uri) as services:
            slow = services.fruits.echo_later.call_async("slow", 0.5)
            started = time.perf_counter()
            quick = services.fruits.echo("quick")
            seconds = time.perf_counter() - started

            assert (quick, seconds < 0.4) == ("quick", True)
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

        with calling(uri, timeout=0.6) as services:
            started = time.perf_counter()
            with pytest.raises(RpcTimeout):
                services.fruits.echo("pear")
            seconds = time.perf_counter() - started

        assert 0.6 <= seconds < 1.5

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
            eventually(lambda: ready_in(uri, "rpc-fruits") == 0)

    def test_one_that_is_no_call_is_answered_with_an_error_and_the_next_is_served(self, uri):
        with running(uri, Fruits), calling(uri) as services:
            with client(uri) as connection:
                Producer(connection).publish([1], exchange="nameko-rpc", routing_key="fruits.echo", reply_to="nobody")
            answer = services.fruits.echo("pear")

        assert answer == "pear"


class TestEvents:
    def handler_services(self, seen, *names, **options):
        def service(label, service_name):
            class Listener:
                name = service_name

                @event_handler("shopper", "bought", **options)
                def hear(self, payload):
                    seen.append((label, payload))

            return Listener

        return [service(f"{name}{number}", name) for number, name in enumerate(names)]

    def test_one_instance_of_each_service_hears_an_event(self, uri):
        seen = []
        with running(uri, Shopper, *self.handler_services(seen, "cook", "cook", "baker")), calling(uri) as services:
            for number in range(4):
                services.shopper.tell("bought", number)
            eventually(lambda: len(seen) >= 8)
            eventlet.sleep(0)

        cooks = [payload for label, payload in seen if label.startswith("cook")]
        assert sorted(cooks) == [0, 1, 2, 3]
        assert {label for label, _ in seen} == {"cook0", "cook1", "baker2"}

    def test_a_singleton_event_is_heard_once_in_all(self, uri):
        seen = []
        listeners = self.handler_services(seen, "cook", "baker", handler_type=SINGLETON)
        with running(uri, Shopper, *listeners), calling(uri) as services:
            for number in range(6):
                services.shopper.tell("bought", number)
            eventually(lambda: len(seen) >= 6)

        assert sorted(payload for _, payload in seen) == list(range(6))

    def test_a_broadcast_event_is_heard_by_every_instance_and_its_queues_go_with_them(self, uri):
        seen = []
        listeners = self.handler_services(seen, "cook", "cook", handler_type=BROADCAST, reliable_delivery=False)
        with running(uri, Shopper, *listeners), calling(uri) as services:
            services.shopper.tell("bought", "flour")
            eventually(lambda: len(seen) >= 2)

        assert sorted(seen) == [("cook0", "flour"), ("cook1", "flour")]
        assert not [name for name in broker_of(uri).queues if name.startswith("evt-")]

    def test_other_events_are_not_heard(self, uri):
        seen = []
        with running(uri, Shopper, *self.handler_services(seen, "cook")), calling(uri) as services:
            services.shopper.tell("sold", "flour")
            services.shopper.tell("bought", "salt")
            eventually(lambda: seen)

        assert seen == [("cook0", "salt")]

    def test_an_event_waits_for_a_service_that_is_away(self, uri):
        seen = []
        listeners = self.handler_services(seen, "cook")
        with running(uri, *listeners):
            pass
        event_dispatcher({"AMQP_URI": uri})("shopper", "bought", "flour")

        with running(uri, *listeners):
            eventually(lambda: seen)

        assert seen == [("cook0", "flour")]

    def test_an_event_nobody_listens_to_is_no_error(self, uri):
        with running(uri, Shopper), calling(uri) as services:
            services.shopper.tell("bought", "flour")

        assert not [name for name in broker_of(uri).queues if name.startswith("evt-")]


class TestQueueConsumers:
    def test_a_requeued_message_comes_back_first_and_marked(self, uri):
        seen = []

        class MarkedConsumer(Consumer):
            def handle_message(self, body, message):
                super().handle_message((body, message.delivery_info["redelivered"]), message)

        class Clumsy:
            name = "clumsy"

            @MarkedConsumer.decorator(PARCELS, requeue_on_error=True, expected_exceptions=ValueError)
            def take(self, parcel):
                seen.append(parcel)
                if seen == [("first", False)]:
                    raise ValueError("dropped it")

        send_parcels(uri, "first", "second", "third")
        with running(uri, Clumsy, max_workers=1):
            eventually(lambda: len(seen) == 4)

        assert seen == [("first", False), ("first", True), ("second", False), ("third", False)]

    def test_no_more_messages_are_held_than_workers_allow_and_an_acknowledgement_brings_the_next(self, uri):
        seen, gates = [], {number: Event() for number in range(5)}
        service = parcel_service(seen, work=lambda number: gates[number].wait())
        send_parcels(uri, *range(5))

        with running(uri, service, max_workers=2):
            eventually(lambda: len(seen) == 2)
            eventlet.sleep(0.05)
            held_first = (list(seen), ready_in(uri, "parcels"))
            gates[1].send()
            eventually(lambda: len(seen) == 3)
            eventlet.sleep(0.05)
            held_next = (list(seen), ready_in(uri, "parcels"))
            for number in (0, 2, 3, 4):
                gates[number].send()
            eventually(lambda: len(seen) == 5)

        assert held_first == ([0, 1], 3)
        assert held_next == ([0, 1, 2], 2)

    def test_two_consumers_share_the_work(self, uri):
        left, right = [], []

        with running(uri, parcel_service(left), parcel_service(right)):
            send_parcels(uri, *range(20))
            eventually(lambda: len(left) + len(right) == 20)

        assert sorted(left + right) == list(range(20))
        assert (len(left), len(right)) == (10, 10)

    def test_a_busy_consumer_leaves_the_work_to_the_other(self, uri):
        busy, free, gate = [], [], Event()

        with running(uri, parcel_service(busy, work=lambda _: gate.wait()), parcel_service(free), max_workers=1):
            send_parcels(uri, *range(10))
            eventually(lambda: len(busy) + len(free) == 10)
            gate.send()

        assert (len(busy), len(free)) == (1, 9)

    def test_a_message_wakes_its_consumer_at_once(self, uri):
        arrivals = LightQueue()

        def seconds_on_the_way(number):
            started = time.perf_counter()
            send_parcels(uri, number)
            arrivals.get(timeout=5)
            return time.perf_counter() - started

        with running(uri, parcel_service([], work=arrivals.put)):
            quickest = min(seconds_on_the_way(number) for number in range(5))

        assert quickest < 0.02


class TestStopping:
    def test_work_in_flight_is_finished_and_what_was_not_begun_stays_for_the_next(self, uri):
        begun, done, later, gate = [], [], [], Event()
        send_parcels(uri, *range(6))

        def work(number):
            gate.wait()
            done.append(number)

        with running(uri, parcel_service(begun, work=work), max_workers=2) as (container,):
            eventually(lambda: len(begun) == 2)
            stopping = eventlet.spawn(container.stop)
            eventually(lambda: not broker_of(uri).queue("parcels").consumers)
            gate.send()
            stopping.wait()
        with running(uri, parcel_service(later)):
            eventually(lambda: len(begun) + len(later) >= 6)
            eventually(lambda: ready_in(uri, "parcels") == 0)

        assert (sorted(done), sorted(later)) == ([0, 1], [2, 3, 4, 5])

    def test_a_call_in_flight_is_answered(self, uri):
        with running(uri, Fruits) as (container,), calling(uri) as services:
            reply = services.fruits.echo_later.call_async("pear", 0.4)
            eventually(lambda: container._worker_threads)
            container.stop()

            assert reply.result() == "pear"
            assert ready_in(uri, "rpc-fruits") == 0

    def test_a_service_that_is_killed_gives_its_messages_back(self, uri):
        begun, later = [], []
        send_parcels(uri, *range(3))

        with running(uri, parcel_service(begun, work=lambda _: Event().wait()), max_workers=2) as (container,):
            eventually(lambda: len(begun) == 2)
            container.kill()
        with running(uri, parcel_service(later), max_workers=1):
            eventually(lambda: len(later) == 3)

        assert (begun, later) == ([0, 1], [0, 1, 2])

    def test_stopping_an_idle_service_is_quick(self, uri):
        with running(uri, Fruits, Shopper) as containers:
            eventlet.sleep(0.05)
            started = time.perf_counter()
            for container in containers:
                container.stop()
            seconds = time.perf_counter() - started

        assert seconds < 1.5

    def test_nothing_of_a_stopped_service_is_left_but_its_durable_queues(self, uri):
        with running(uri, Fruits, Shopper):
            pass

        queues = broker_of(uri).queues.values()
        assert [queue.name for queue in queues if queue.consumers] == []
        assert {queue.name for queue in queues if queue.limits.expires is None} == {"rpc-fruits", "rpc-shopper"}


class TestCost:
    def probe(self, what):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.component.embedded_probe", what],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def test_six_idle_containers_take_less_than_two_percent_of_a_core(self):
        idle = self.probe("idle")

        assert idle["percent"] < 2.0

    def test_nothing_is_left_of_twenty_thousand_calls(self):
        left = self.probe("growth")

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
