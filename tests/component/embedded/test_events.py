"""Nameko's own events and queue consumers on the embedded transport, and how services stop."""

import eventlet
from eventlet.event import Event
from nameko.events import BROADCAST, SINGLETON, event_handler
from nameko.messaging import Consumer
from nameko.standalone.events import event_dispatcher

from tests.component.embedded.support.services import (
    PARCELS,
    Fruits,
    Shopper,
    broker_of,
    calling,
    parcel_service,
    ready_in,
    running,
    send_parcels,
    slow_fruits,
)
from tests.support.waiting import let_others_run, wait_until


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
            wait_until(lambda: len(seen) >= 8)

        cooks = [payload for label, payload in seen if label.startswith("cook")]
        assert sorted(cooks) == [0, 1, 2, 3]
        assert {label for label, _ in seen} == {"cook0", "cook1", "baker2"}

    def test_a_singleton_event_is_heard_once_in_all(self, uri):
        seen = []
        listeners = self.handler_services(seen, "cook", "baker", handler_type=SINGLETON)
        with running(uri, Shopper, *listeners), calling(uri) as services:
            for number in range(6):
                services.shopper.tell("bought", number)
            wait_until(lambda: len(seen) >= 6)

        assert sorted(payload for _, payload in seen) == list(range(6))

    def test_a_broadcast_event_is_heard_by_every_instance_and_its_queues_go_with_them(self, uri):
        seen = []
        listeners = self.handler_services(seen, "cook", "cook", handler_type=BROADCAST, reliable_delivery=False)
        with running(uri, Shopper, *listeners), calling(uri) as services:
            services.shopper.tell("bought", "flour")
            wait_until(lambda: len(seen) >= 2)

        assert sorted(seen) == [("cook0", "flour"), ("cook1", "flour")]
        assert not [name for name in broker_of(uri).queues if name.startswith("evt-")]

    def test_other_events_are_not_heard(self, uri):
        seen = []
        with running(uri, Shopper, *self.handler_services(seen, "cook")), calling(uri) as services:
            services.shopper.tell("sold", "flour")
            services.shopper.tell("bought", "salt")
            wait_until(lambda: seen)

        assert seen == [("cook0", "salt")]

    def test_an_event_waits_for_a_service_that_is_away(self, uri):
        seen = []
        listeners = self.handler_services(seen, "cook")
        with running(uri, *listeners):
            pass
        event_dispatcher({"AMQP_URI": uri})("shopper", "bought", "flour")

        with running(uri, *listeners):
            wait_until(lambda: seen)

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
            wait_until(lambda: len(seen) == 4)

        assert seen == [("first", False), ("first", True), ("second", False), ("third", False)]

    def test_no_more_messages_are_held_than_workers_allow_and_an_acknowledgement_brings_the_next(self, uri):
        seen, gates = [], {number: Event() for number in range(5)}
        service = parcel_service(seen, work=lambda number: gates[number].wait())
        send_parcels(uri, *range(5))

        with running(uri, service, max_workers=2):
            wait_until(lambda: len(seen) == 2)
            let_others_run(20)
            held_first = (list(seen), ready_in(uri, "parcels"))
            gates[1].send()
            wait_until(lambda: len(seen) == 3)
            let_others_run(20)
            held_next = (list(seen), ready_in(uri, "parcels"))
            for number in (0, 2, 3, 4):
                gates[number].send()
            wait_until(lambda: len(seen) == 5)

        assert held_first == ([0, 1], 3)
        assert held_next == ([0, 1, 2], 2)

    def test_two_consumers_share_the_work(self, uri):
        left, right = [], []

        with running(uri, parcel_service(left), parcel_service(right)):
            send_parcels(uri, *range(20))
            wait_until(lambda: len(left) + len(right) == 20)

        assert sorted(left + right) == list(range(20))
        assert (len(left), len(right)) == (10, 10)

    def test_a_busy_consumer_leaves_the_work_to_the_other(self, uri):
        busy, free, gate = [], [], Event()

        with running(uri, parcel_service(busy, work=lambda _: gate.wait()), parcel_service(free), max_workers=1):
            send_parcels(uri, *range(10))
            wait_until(lambda: len(busy) + len(free) == 10)
            gate.send()

        assert (len(busy), len(free)) == (1, 9)


class TestStopping:
    def test_work_in_flight_is_finished_and_what_was_not_begun_stays_for_the_next(self, uri):
        begun, done, later, gate = [], [], [], Event()
        send_parcels(uri, *range(6))

        def work(number):
            gate.wait()
            done.append(number)

        with running(uri, parcel_service(begun, work=work), max_workers=2) as (container,):
            wait_until(lambda: len(begun) == 2)
            stopping = eventlet.spawn(container.stop)
            wait_until(lambda: not broker_of(uri).queue("parcels").consumers)
            gate.send()
            stopping.wait()
        with running(uri, parcel_service(later)):
            wait_until(lambda: len(begun) + len(later) >= 6)
            wait_until(lambda: ready_in(uri, "parcels") == 0)

        assert (sorted(done), sorted(later)) == ([0, 1], [2, 3, 4, 5])

    def test_a_call_in_flight_is_answered(self, uri):
        gate = Event()
        with running(uri, slow_fruits(gate)) as (container,), calling(uri) as services:
            reply = services.fruits.echo_later.call_async("pear")
            wait_until(lambda: container._worker_threads)
            stopping = eventlet.spawn(container.stop)
            wait_until(lambda: not broker_of(uri).queue("rpc-fruits").consumers)
            gate.send()
            stopping.wait()

            assert reply.result() == "pear"
            assert ready_in(uri, "rpc-fruits") == 0

    def test_a_service_that_is_killed_gives_its_messages_back(self, uri):
        begun, later = [], []
        send_parcels(uri, *range(3))

        with running(uri, parcel_service(begun, work=lambda _: Event().wait()), max_workers=2) as (container,):
            wait_until(lambda: len(begun) == 2)
            container.kill()
        with running(uri, parcel_service(later), max_workers=1):
            wait_until(lambda: len(later) == 3)

        assert (begun, later) == ([0, 1], [0, 1, 2])

    def test_nothing_of_a_stopped_service_is_left_but_its_durable_queues(self, uri):
        with running(uri, Fruits, Shopper):
            pass

        queues = broker_of(uri).queues.values()
        assert [queue.name for queue in queues if queue.consumers] == []
        assert {queue.name for queue in queues if queue.limits.expires is None} == {"rpc-fruits", "rpc-shopper"}
