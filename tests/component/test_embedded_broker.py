"""The embedded broker as kombu sees it: AMQP's rules about exchanges, queues and messages."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import eventlet
import pytest
from amqp.exceptions import (
    AMQPNotImplementedError,
    ChannelError,
    ConsumerCancelled,
    FrameSyntaxError,
    InvalidCommand,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    RecoverableConnectionError,
    ResourceLocked,
)
from kombu import Consumer, Exchange, Producer, Queue
from kombu.pools import producers
from kombu.transport import TRANSPORT_ALIASES

from shop.chassis import embedded
from shop.chassis.embedded.exchanges import topic_pattern
from tests.component.embedded_services import broker_of, client, eventually, fresh_uri


@pytest.fixture
def uri():
    return fresh_uri()


@pytest.fixture
def connection(uri):
    with client(uri) as connection:
        yield connection


@pytest.fixture
def channel(connection):
    return connection.default_channel


def publish(channel, body, *, exchange="", key="", **options):
    Producer(channel).publish(body, exchange=exchange, routing_key=key, serializer="json", **options)


def declared(channel, name="q", **options):
    channel.queue_declare(queue=name, auto_delete=False, **options)
    return name


def taken(channel, queue="q"):
    """All that is in a queue, acknowledged."""
    messages = list(iter(lambda: channel.basic_get(queue=queue, no_ack=True), None))
    return [message.payload for message in messages]


def consuming(channel, queue="q", **options):
    """What a consumer gets, as a list that fills while events are drained."""
    received = []
    channel.basic_consume(queue=queue, callback=received.append, **options)
    return received


def drain(connection):
    """Act on everything that waits."""
    while True:
        try:
            connection.drain_events(timeout=0)
        except TimeoutError:
            return


class TestRouting:
    def test_the_default_exchange_leads_to_the_queue_of_that_name(self, channel):
        declared(channel)

        publish(channel, "hello", key="q")

        assert taken(channel) == ["hello"]

    def test_a_direct_exchange_leads_where_the_keys_are_equal(self, channel):
        channel.exchange_declare(exchange="mail", type="direct")
        for queue, key in [("one", "a"), ("two", "a"), ("three", "b")]:
            channel.queue_bind(queue=declared(channel, queue), exchange="mail", routing_key=key)

        publish(channel, 1, exchange="mail", key="a")

        assert [taken(channel, queue) for queue in ("one", "two", "three")] == [[1], [1], []]

    def test_a_fanout_exchange_leads_everywhere_once(self, channel):
        channel.exchange_declare(exchange="news", type="fanout")
        for queue, key in [("one", "a"), ("one", "b"), ("two", "")]:
            channel.queue_bind(queue=declared(channel, queue), exchange="news", routing_key=key)

        publish(channel, 1, exchange="news", key="whatever")

        assert [taken(channel, queue) for queue in ("one", "two")] == [[1], [1]]

    def test_a_topic_exchange_leads_to_a_queue_once_however_many_bindings_match(self, channel):
        channel.exchange_declare(exchange="log", type="topic")
        for key in ("a.*", "#", "a.b", "*.c"):
            channel.queue_bind(queue=declared(channel), exchange="log", routing_key=key)

        publish(channel, 1, exchange="log", key="a.b")

        assert taken(channel) == [1]

    @pytest.mark.parametrize(
        ("binding", "matching", "others"),
        [
            ("orders.*", ["orders.place"], ["orders", "orders.place.now", "xorders.place"]),
            ("#", ["", "a", "a.b.c"], []),
            ("a.#", ["a", "a.b", "a.b.c"], ["b", "ab", ""]),
            ("#.z", ["z", "y.z", "x.y.z"], ["z.y", "yz"]),
            ("a.#.z", ["a.z", "a.b.z", "a.b.c.z"], ["a", "z", "a.z.b"]),
            ("*.b.*", ["a.b.c"], ["b", "a.b", "a.b.c.d"]),
            ("a+b.*", ["a+b.c"], ["aab.c"]),
        ],
    )
    def test_words_of_a_topic_match_stars_and_hashes(self, binding, matching, others):
        pattern = topic_pattern(binding)

        assert [key for key in matching + others if pattern.fullmatch(f".{key}")] == matching

    def test_a_queue_that_is_unbound_gets_nothing_more(self, channel):
        channel.exchange_declare(exchange="log", type="topic")
        channel.queue_bind(queue=declared(channel), exchange="log", routing_key="a.*")
        channel.queue_unbind(queue="q", exchange="log", routing_key="a.*")

        publish(channel, 1, exchange="log", key="a.b")

        assert taken(channel) == []

    def test_a_mandatory_message_without_a_queue_is_refused(self, channel):
        with pytest.raises(ChannelError, match="NO_ROUTE") as raised:
            publish(channel, 1, key="nowhere", mandatory=True)

        assert raised.value.reply_code == 312

    def test_who_asked_for_returned_messages_gets_them_instead(self, connection):
        returned = []
        producer = Producer(connection, on_return=lambda *details: returned.append(details))

        producer.publish(1, exchange="", routing_key="nowhere", mandatory=True)

        assert [(exchange, key) for _, exchange, key, _ in returned] == [("", "nowhere")]

    def test_other_messages_without_a_queue_are_lost_quietly(self, channel):
        publish(channel, 1, key="nowhere")

    def test_an_exchange_that_is_not_there_is_an_error(self, channel):
        with pytest.raises(NotFound, match="no exchange 'nowhere'"):
            publish(channel, 1, exchange="nowhere")


class TestMessages:
    def test_properties_headers_and_delivery_details_arrive(self, channel):
        channel.exchange_declare(exchange="mail", type="direct")
        channel.queue_bind(queue=declared(channel), exchange="mail", routing_key="a")
        headers = {"nested": {"list": [1, None, {"deep": True}]}, "nothing": None, "text": "ä"}

        publish(
            channel,
            1,
            exchange="mail",
            key="a",
            headers=headers,
            reply_to="me",
            correlation_id="7",
            priority=3,
            expiration=60,
        )
        message = channel.basic_get(queue="q")

        assert message.headers == headers
        assert message.properties == {
            "application_headers": headers,
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "correlation_id": "7",
            "delivery_mode": 2,
            "expiration": "60000",
            "priority": 3,
            "reply_to": "me",
        }
        assert message.delivery_info == {
            "consumer_tag": None,
            "delivery_tag": message.delivery_tag,
            "redelivered": False,
            "exchange": "mail",
            "routing_key": "a",
        }

    def test_sender_and_receivers_share_nothing_that_can_change(self, channel):
        channel.exchange_declare(exchange="news", type="fanout")
        for queue in ("one", "two"):
            channel.queue_bind(queue=declared(channel, queue), exchange="news")
        body, headers = {"list": [1]}, {"nested": {"list": [1]}}

        publish(channel, body, exchange="news", headers=headers)
        body["list"].append("sender")
        headers["nested"]["list"].append("sender")
        one = channel.basic_get(queue="one")
        one.payload["list"].append("one")
        one.headers["nested"]["list"].append("one")
        one.properties["reply_to"] = "one"
        two = channel.basic_get(queue="two")

        assert (two.payload, two.headers) == ({"list": [1]}, {"nested": {"list": [1]}})
        assert "reply_to" not in two.properties

    def test_a_message_put_back_is_as_it_was_sent(self, channel):
        publish(channel, {"list": [1]}, key=declared(channel), headers={"list": [1]})

        message = channel.basic_get(queue="q")
        message.headers["list"].append(2)
        message.requeue()
        again = channel.basic_get(queue="q")

        assert (again.headers, again.delivery_info["redelivered"]) == ({"list": [1]}, True)

    @pytest.mark.parametrize(
        ("sent", "arriving"),
        [
            ((1, 2), [1, 2]),
            (Decimal("1.5"), Decimal("1.5")),
            (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
        ],
    )
    def test_header_values_arrive_as_on_amqp(self, channel, sent, arriving):
        publish(channel, 1, key=declared(channel), headers={"value": sent})

        assert channel.basic_get(queue="q").headers == {"value": arriving}

    def test_a_header_that_amqp_cannot_carry_is_refused(self, channel):
        with pytest.raises(FrameSyntaxError, match="set"):
            publish(channel, 1, key=declared(channel), headers={"value": {1, 2}})

    def test_a_binary_body_arrives_as_it_is(self, channel):
        Producer(channel).publish(
            memoryview(b"\x00\xff"), routing_key=declared(channel), content_type="application/octet-stream"
        )

        assert channel.basic_get(queue="q").body == b"\x00\xff"

    def test_a_compressed_body_arrives(self, channel):
        publish(channel, ["long"] * 50, key=declared(channel), compression="zlib")

        assert taken(channel) == [["long"] * 50]


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

    def test_messages_die_of_the_queues_age_limit(self, channel):
        publish(channel, 1, key=declared(channel, arguments={"x-message-ttl": 20}))

        assert channel.queue_declare(queue="q", passive=True).message_count == 1
        eventually(lambda: channel.queue_declare(queue="q", passive=True).message_count == 0)

    def test_messages_die_of_their_own_expiration(self, channel):
        declared(channel)
        publish(channel, "short", key="q", expiration=0.02)
        publish(channel, "long", key="q", expiration=60)

        eventlet.sleep(0.03)

        assert taken(channel) == ["long"]

    def test_an_expiration_that_is_no_number_is_refused(self, channel):
        message = channel.prepare_message("1", properties={"expiration": "soon"})

        with pytest.raises(PreconditionFailed, match="soon"):
            channel.basic_publish(message, routing_key=declared(channel))

    def test_an_unused_queue_expires(self, uri, channel):
        channel.exchange_declare(exchange="log", type="topic", auto_delete=True)
        channel.queue_bind(queue=declared(channel, arguments={"x-expires": 20}), exchange="log", routing_key="#")

        eventlet.sleep(0.03)
        publish(channel, 1, exchange="log", key="a")

        with pytest.raises(NotFound, match="no queue 'q'"):
            channel.basic_get(queue="q")
        assert (list(broker_of(uri).queues), "log" in broker_of(uri).exchanges) == ([], False)

    def test_declaring_another_queue_clears_the_expired_away(self, uri, channel):
        declared(channel, arguments={"x-expires": 20})

        eventlet.sleep(0.03)
        declared(channel, "other")

        assert list(broker_of(uri).queues) == ["other"]

    def test_a_queue_in_use_does_not_expire(self, uri, channel):
        declared(channel, arguments={"x-expires": 20})
        consuming(channel)

        eventlet.sleep(0.03)
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
            channel.basic_consume(queue=declared(channel), arguments={"x-priority": 1})

    def test_a_consumer_tag_is_used_once(self, channel):
        consuming(channel, declared(channel), consumer_tag="one")

        with pytest.raises(NotAllowed, match="one"):
            consuming(channel, consumer_tag="one")

    def test_kombus_own_consumer_works(self, connection):
        received = []
        queue = Queue("q", Exchange("mail"), routing_key="a", max_length=10)

        with Consumer(connection, [queue], callbacks=[lambda body, message: received.append(body) or message.ack()]):
            Producer(connection, queue.exchange, routing_key="a").publish({"a": 1})
            connection.drain_events(timeout=1)

        assert received == [{"a": 1}]


class TestConnections:
    def test_waiting_ends_after_the_time_it_was_given(self, connection):
        started = time.perf_counter()

        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.25)

        assert time.perf_counter() - started >= 0.25

    def test_a_client_with_a_heartbeat_waits_in_short_pauses(self, uri):
        with client(uri, heartbeat=60) as connection:
            consuming(connection.default_channel, declared(connection.default_channel))
            started = time.perf_counter()
            with pytest.raises(TimeoutError):
                connection.drain_events(timeout=30)

        assert time.perf_counter() - started < 1

    def test_it_waits_longer_for_work_in_flight_at_the_end_and_no_longer_than_that(self, uri):
        with client(uri, heartbeat=60) as connection:
            channel = connection.default_channel
            publish(channel, 1, key=declared(channel))
            received = consuming(channel, consumer_tag="one")
            connection.drain_events(timeout=1)
            channel.basic_cancel("one")

            eventlet.spawn_after(0.3, received[0].ack)
            started = time.perf_counter()
            connection.drain_events(timeout=30)
            seconds = time.perf_counter() - started

        assert 0.3 <= seconds < 5

    def test_waiting_without_a_limit_ends_with_a_message(self, uri, connection):
        received = consuming(connection.default_channel, declared(connection.default_channel))
        with client(uri) as other:
            eventlet.spawn_after(0.02, publish, other.default_channel, 1, key="q")
            connection.drain_events()

        assert [message.payload for message in received] == [1]

    def test_closing_wakes_who_waits(self, connection):
        waiting = eventlet.spawn(connection.drain_events)
        eventlet.sleep(0)

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
        assert TRANSPORT_ALIASES["embedded"] == "shop.chassis.embedded:Transport"
