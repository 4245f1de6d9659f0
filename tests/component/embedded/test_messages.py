"""The embedded broker as kombu sees it: where messages go, and how they arrive."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from amqp.exceptions import (
    ChannelError,
    FrameSyntaxError,
    NotFound,
)
from kombu import Producer

from shop.messaging.embedded.exchanges import topic_pattern
from tests.component.embedded.support.through_kombu import declared, publish, taken


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
