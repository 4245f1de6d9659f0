"""The embedded broker as kombu sees it: the limits of queues, and when queues and exchanges go."""

import pytest
from amqp.exceptions import (
    AMQPNotImplementedError,
    ConsumerCancelled,
    InvalidCommand,
    NotFound,
    PreconditionFailed,
    ResourceLocked,
)

from shop.messaging.embedded import queues
from tests.component.embedded.support.services import broker_of, client
from tests.component.embedded.support.through_kombu import consuming, declared, drain, publish, taken
from tests.support.clock import FakeClock


@pytest.fixture
def clock(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(queues, "monotonic", clock.monotonic)
    return clock


class TestLimits:
    def test_a_full_queue_drops_its_oldest_message(self, channel):
        declared(channel, arguments={"x-max-length": 3, "x-overflow": "drop-head"})

        for number in range(5):
            publish(channel, number, key="q")

        assert taken(channel) == [2, 3, 4]

    def test_what_a_consumer_holds_does_not_fill_the_queue(self, channel, connection):
        declared(channel, arguments={"x-max-length": 1})
        channel.basic_qos(0, 1, False)
        held = consuming(channel)

        for number in range(3):
            publish(channel, number, key="q")
        drain(connection)

        assert [message.payload for message in held] == [0]
        assert taken(channel) == [2]

    def test_messages_die_of_the_queues_age_limit(self, channel, clock):
        publish(channel, 1, key=declared(channel, arguments={"x-message-ttl": 20}))

        clock.turn(0.019)
        assert channel.queue_declare(queue="q", passive=True).message_count == 1
        clock.turn(0.002)
        assert channel.queue_declare(queue="q", passive=True).message_count == 0

    def test_messages_die_of_their_own_expiration(self, channel, clock):
        declared(channel)
        publish(channel, "short", key="q", expiration=0.02)
        publish(channel, "long", key="q", expiration=60)

        clock.turn(0.03)

        assert taken(channel) == ["long"]

    def test_an_expiration_that_is_no_number_is_refused(self, channel):
        message = channel.prepare_message("1", properties={"expiration": "soon"})

        with pytest.raises(PreconditionFailed, match="soon"):
            channel.basic_publish(message, routing_key=declared(channel))

    def test_an_unused_queue_expires(self, uri, channel, clock):
        channel.exchange_declare(exchange="log", type="topic", auto_delete=True)
        channel.queue_bind(queue=declared(channel, arguments={"x-expires": 20}), exchange="log", routing_key="#")

        clock.turn(0.03)
        publish(channel, 1, exchange="log", key="a")

        with pytest.raises(NotFound, match="no queue 'q'"):
            channel.basic_get(queue="q")
        assert (list(broker_of(uri).queues), "log" in broker_of(uri).exchanges) == ([], False)

    def test_declaring_another_queue_clears_the_expired_away(self, uri, channel, clock):
        declared(channel, arguments={"x-expires": 20})

        clock.turn(0.03)
        declared(channel, "other")

        assert list(broker_of(uri).queues) == ["other"]

    def test_a_queue_in_use_does_not_expire(self, uri, channel, clock):
        declared(channel, arguments={"x-expires": 20})
        consuming(channel)

        clock.turn(0.03)
        declared(channel, "other")

        assert list(broker_of(uri).queues) == ["q", "other"]

    @pytest.mark.parametrize("arguments", [{"x-dead-letter-exchange": "x"}, {"x-overflow": "reject-publish"}])
    def test_arguments_it_would_have_to_ignore_are_refused(self, channel, arguments):
        with pytest.raises(AMQPNotImplementedError):
            channel.queue_declare(queue="q", arguments=arguments)


class TestLives:
    def test_an_auto_delete_queue_goes_with_its_last_consumer(self, uri, channel):
        channel.queue_declare(queue="q", auto_delete=True)
        for tag in ("one", "two"):
            consuming(channel, consumer_tag=tag)

        channel.basic_cancel("one")
        after_the_first = list(broker_of(uri).queues)
        channel.basic_cancel("two")

        assert (after_the_first, list(broker_of(uri).queues)) == (["q"], [])

    def test_an_auto_delete_queue_goes_when_its_consumers_connection_closes(self, uri, connection):
        connection.default_channel.queue_declare(queue="q", auto_delete=True)
        consuming(connection.default_channel)

        connection.close()

        assert list(broker_of(uri).queues) == []

    def test_an_exclusive_queue_is_its_connections_alone_and_goes_with_it(self, uri, channel):
        with client(uri) as owner:
            owner.default_channel.queue_declare(queue="q", exclusive=True, auto_delete=False)
            with pytest.raises(ResourceLocked, match="'q'"):
                channel.basic_consume(queue="q")
            with pytest.raises(ResourceLocked, match="'q'"):
                channel.queue_declare(queue="q", exclusive=True, auto_delete=False)

        assert list(broker_of(uri).queues) == []

    def test_an_auto_delete_exchange_goes_with_its_last_binding(self, uri, channel):
        channel.exchange_declare(exchange="log", type="topic", auto_delete=True)
        channel.queue_bind(queue=declared(channel), exchange="log", routing_key="a")

        channel.queue_delete(queue="q")

        assert "log" not in broker_of(uri).exchanges

    def test_durable_queues_outlive_their_connections(self, uri):
        with client(uri) as first:
            publish(first.default_channel, "hello", key=declared(first.default_channel, durable=True))

        with client(uri) as second:
            assert taken(second.default_channel) == ["hello"]

    def test_a_queue_declared_again_must_be_the_same(self, channel):
        declared(channel, durable=True)

        declared(channel, durable=True)
        with pytest.raises(PreconditionFailed, match="queue 'q'"):
            declared(channel, durable=False)

    def test_an_exchange_declared_again_must_be_the_same(self, channel):
        channel.exchange_declare(exchange="log", type="topic")

        channel.exchange_declare(exchange="log", type="topic")
        with pytest.raises(PreconditionFailed, match="exchange 'log'"):
            channel.exchange_declare(exchange="log", type="fanout")

    def test_other_kinds_of_exchange_are_refused(self, channel):
        with pytest.raises(InvalidCommand, match="headers"):
            channel.exchange_declare(exchange="log", type="headers")

    def test_looking_for_a_queue_does_not_make_it(self, uri, channel):
        with pytest.raises(NotFound):
            channel.queue_declare(queue="q", passive=True)

        assert list(broker_of(uri).queues) == []

    def test_a_queue_without_a_name_gets_one(self, channel):
        names = {channel.queue_declare().queue for _ in range(2)}

        assert len(names) == 2

    def test_a_queue_in_use_can_be_spared(self, channel):
        publish(channel, 1, key=declared(channel))

        with pytest.raises(PreconditionFailed, match="not empty"):
            channel.queue_delete(queue="q", if_empty=True)
        assert channel.queue_delete(queue="q") == 1
        assert channel.queue_delete(queue="q") == 0

    def test_a_purged_queue_is_empty(self, channel):
        publish(channel, 1, key=declared(channel))

        assert channel.queue_purge(queue="q") == 1
        assert taken(channel) == []

    def test_consumers_learn_that_their_queue_was_deleted(self, channel, connection):
        cancelled = []
        declared(channel)
        consuming(channel, on_cancel=cancelled.append, consumer_tag="asked")
        consuming(channel)

        channel.queue_delete(queue="q")

        with pytest.raises(ConsumerCancelled):
            drain(connection)
        assert cancelled == ["asked"]
