"""The embedded broker as kombu sees it: consumers, acknowledgements, connections."""

import eventlet
import pytest
from amqp.exceptions import (
    AMQPNotImplementedError,
    NotAllowed,
    PreconditionFailed,
    RecoverableConnectionError,
)
from kombu import Consumer, Exchange, Producer, Queue
from kombu.pools import producers
from kombu.transport import TRANSPORT_ALIASES

from shop.messaging import embedded
from shop.messaging.embedded import transport
from tests.component.embedded.support.services import broker_of, client
from tests.component.embedded.support.through_kombu import consuming, declared, drain, publish, taken
from tests.support.waiting import LIMIT, SOON, TEST_LIMIT, let_others_run


class TestConsuming:
    def test_consumers_take_turns(self, channel, connection):
        declared(channel)
        received = [consuming(channel) for _ in range(3)]

        for number in range(9):
            publish(channel, number, key="q")
        drain(connection)

        assert [[message.payload for message in each] for each in received] == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]

    def test_prefetch_counts_for_each_consumer(self, channel, connection):
        declared(channel)
        channel.basic_qos(0, 2, False)
        received = [consuming(channel) for _ in range(2)]

        for number in range(9):
            publish(channel, number, key="q")
        drain(connection)
        before = [[message.payload for message in each] for each in received]
        received[1][0].ack()
        drain(connection)

        assert before == [[0, 2], [1, 3]]
        assert [message.payload for message in received[1]] == [1, 3, 4]

    def test_several_messages_can_be_acknowledged_at_once(self, uri, channel, connection):
        declared(channel)
        received = consuming(channel)
        for number in range(4):
            publish(channel, number, key="q")
        drain(connection)

        received[2].ack(multiple=True)
        connection.close()

        with client(uri) as other:
            assert taken(other.default_channel) == [3]

    def test_a_message_settled_twice_is_an_error(self, channel):
        publish(channel, 1, key=declared(channel))
        message = channel.basic_get(queue="q")
        message.ack()

        with pytest.raises(PreconditionFailed, match="unknown delivery tag"):
            channel.basic_ack(message.delivery_tag)

    def test_a_rejected_message_is_gone_and_makes_room(self, channel, connection):
        declared(channel)
        channel.basic_qos(0, 1, False)
        received = consuming(channel)
        for number in range(2):
            publish(channel, number, key="q")
        drain(connection)

        received[0].reject()
        drain(connection)

        assert [message.payload for message in received] == [0, 1]

    def test_messages_put_back_in_any_order_stand_where_they_stood(self, channel):
        declared(channel)
        for number in range(5):
            publish(channel, number, key="q")
        messages = [channel.basic_get(queue="q") for _ in range(4)]

        for place in (1, 3, 0, 2):
            messages[place].requeue()

        assert taken(channel) == [0, 1, 2, 3, 4]

    def test_a_channel_that_closes_gives_back_what_it_holds_in_the_old_order(self, uri, channel, connection):
        declared(channel)
        holding = connection.channel()
        received = consuming(holding)
        for number in range(4):
            publish(channel, number, key="q")
        connection.drain_events(timeout=0)

        holding.close()

        messages = list(iter(lambda: channel.basic_get(queue="q", no_ack=True), None))
        assert [message.payload for message in received] == [0]
        assert [(message.payload, message.delivery_info["redelivered"]) for message in messages] == [
            (0, True),
            (1, False),
            (2, False),
            (3, False),
        ]

    def test_what_a_cancelled_consumer_had_not_seen_goes_to_others_and_what_it_had_stays(self, channel, connection):
        declared(channel)
        seen = consuming(channel, consumer_tag="leaving")
        for number in range(3):
            publish(channel, number, key="q")
        connection.drain_events(timeout=0)

        channel.basic_cancel("leaving")
        drain(connection)
        left = taken(channel)
        seen[0].ack()

        assert ([message.payload for message in seen], left) == ([0], [1, 2])

    def test_messages_of_consumers_that_do_not_acknowledge_are_gone_when_seen(self, uri, channel, connection):
        declared(channel)
        channel.basic_qos(0, 1, False)
        received = consuming(channel, no_ack=True)
        for number in range(3):
            publish(channel, number, key="q")
        drain(connection)

        received[0].ack()
        connection.close()

        assert [message.payload for message in received] == [0, 1, 2]
        assert broker_of(uri).queue("q").message_count() == 0

    def test_recovering_brings_everything_again(self, channel, connection):
        publish(channel, 1, key=declared(channel))
        received = consuming(channel)
        drain(connection)

        channel.basic_recover(requeue=True)
        drain(connection)

        assert [message.delivery_info["redelivered"] for message in received] == [False, True]

    def test_limits_it_would_have_to_ignore_are_refused(self, channel):
        with pytest.raises(AMQPNotImplementedError):
            channel.basic_qos(0, 1, True)
        with pytest.raises(AMQPNotImplementedError):
            channel.basic_consume(queue=declared(channel), arguments={"x-cancel-on-ha-failover": True})
        with pytest.raises(PreconditionFailed, match="x-priority"):
            channel.basic_consume(queue=declared(channel), arguments={"x-priority": "high"})

    def test_consumers_of_the_highest_priority_that_have_room_get_all_in_turns(self, channel, connection):
        channel.basic_qos(0, 1, False)
        low, high, other = (
            consuming(channel, declared(channel), consumer_tag=str(priority), arguments={"x-priority": priority // 10})
            for priority in (-10, 51, 52)
        )

        for number in range(2):
            publish(channel, number, key="q")
        drain(connection)
        assert [[message.payload for message in got] for got in (low, high, other)] == [[], [0], [1]]

        publish(channel, 2, key="q")
        drain(connection)
        assert [message.payload for message in low] == [2]

        other[0].ack()
        publish(channel, 3, key="q")
        drain(connection)
        assert [message.payload for message in other] == [1, 3]

    def test_a_consumer_tag_is_used_once(self, channel):
        consuming(channel, declared(channel), consumer_tag="one")

        with pytest.raises(NotAllowed, match="one"):
            consuming(channel, consumer_tag="one")

    def test_kombus_own_consumer_works(self, connection):
        received = []
        queue = Queue("q", Exchange("mail"), routing_key="a", max_length=10)

        with Consumer(connection, [queue], callbacks=[lambda body, message: received.append(body) or message.ack()]):
            Producer(connection, queue.exchange, routing_key="a").publish({"a": 1})
            connection.drain_events(timeout=LIMIT)

        assert received == [{"a": 1}]


class TestConnections:
    def test_waiting_ends_after_the_time_it_was_given(self, connection):
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=SOON)

    def test_a_client_with_a_heartbeat_waits_in_short_pauses(self, uri):
        with client(uri, heartbeat=60) as connection:
            consuming(connection.default_channel, declared(connection.default_channel))
            with pytest.raises(TimeoutError):
                connection.drain_events(timeout=TEST_LIMIT)

    def test_it_waits_longer_for_work_in_flight_at_the_end_and_no_longer_than_that(self, uri, monkeypatch):
        monkeypatch.setattr(transport, "HEARTBEAT_PAUSE", 0)
        with client(uri, heartbeat=60) as connection:
            channel = connection.default_channel
            publish(channel, 1, key=declared(channel))
            received = consuming(channel, consumer_tag="one")
            connection.drain_events(timeout=LIMIT)
            channel.basic_cancel("one")

            waiting = eventlet.spawn(connection.drain_events, timeout=TEST_LIMIT)
            let_others_run(20)
            assert not waiting.dead

            received[0].ack()
            waiting.wait()

    def test_waiting_without_a_limit_ends_with_a_message(self, uri, connection):
        received = consuming(connection.default_channel, declared(connection.default_channel))
        with client(uri) as other:
            eventlet.spawn(publish, other.default_channel, 1, key="q")
            connection.drain_events()

        assert [message.payload for message in received] == [1]

    def test_closing_wakes_who_waits(self, connection):
        waiting = eventlet.spawn(connection.drain_events)
        let_others_run()

        connection.close()

        with pytest.raises(RecoverableConnectionError):
            waiting.wait()

    def test_a_closed_channel_refuses_everything(self, connection):
        channel = connection.channel()
        publish(channel, 1, key=declared(channel))
        message = channel.basic_get(queue="q")

        channel.close()
        channel.close()

        with pytest.raises(RecoverableConnectionError):
            message.ack()
        with pytest.raises(RecoverableConnectionError):
            publish(channel, 1, key="q")

    def test_a_producer_pool_replaces_a_connection_that_was_closed(self, uri, connection):
        declared(connection.default_channel)
        with producers[connection].acquire(block=True) as producer:
            producer.publish(1, exchange="", routing_key="q", retry=True)
            producer.connection.close()

        with producers[connection].acquire(block=True) as producer:
            producer.publish(2, exchange="", routing_key="q", retry=True)

        assert taken(connection.default_channel) == [1, 2]

    def test_a_connection_names_its_broker(self, uri, connection):
        assert connection.as_uri() == uri

    def test_registering_again_changes_nothing(self):
        embedded.register()
        before = dict(TRANSPORT_ALIASES)

        embedded.register()

        assert before == TRANSPORT_ALIASES
        assert TRANSPORT_ALIASES["embedded"] == "shop.messaging.embedded:EmbeddedTransport"
