"""AMQP channels: translate kombu's calls to the broker."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from uuid import uuid4

from amqp.exceptions import (
    AMQPNotImplementedError,
    ChannelError,
    NotAllowed,
    PreconditionFailed,
    RecoverableConnectionError,
    ResourceLocked,
)
from amqp.protocol import queue_declare_ok_t
from kombu.transport.base import Message, StdChannel, to_rabbitmq_queue_arguments

from shop.messaging.embedded.broker import Broker
from shop.messaging.embedded.deliveries import ChannelConnection, ChannelConsumer, Delivery, priority_of
from shop.messaging.embedded.exchanges import ExchangeSettings
from shop.messaging.embedded.messages import Published, published, wire_copy
from shop.messaging.embedded.queues import Queue, QueueLimits, QueueSettings, Stored

NO_ROUTE = 312


class EmbeddedChannel(StdChannel):
    """One AMQP channel.

    Unlike on RabbitMQ, an error is raised by its call, and leaves the channel open.

    Attributes:
        connection: None once the channel is closed; nameko and kombu check it.
        unacked: unacknowledged messages, by delivery tag in the order of delivery.
    """

    def __init__(self, connection: ChannelConnection, channel_id: int) -> None:
        self.connection: ChannelConnection | None = connection
        self.channel_id = channel_id
        self.events: defaultdict[str, set[Callable[..., object]]] = defaultdict(set)
        self.no_ack_consumers: set[str] = set()  # type: ignore[assignment]  # kombu declares it as None, and uses it as a set
        self.unacked: dict[int, Delivery] = {}
        self.consumers: dict[str, ChannelConsumer] = {}
        self.prefetch_count = 0
        self._tags = count(1)

    def close(self) -> None:
        """Requeue all unacknowledged messages in their original order, for other consumers."""
        if self.connection is None:
            return
        consumers = list(self.consumers.values())
        self.consumers.clear()
        for consumer in consumers:
            consumer.queue.remove(consumer)
        for delivery in list(self.unacked.values()):
            delivery.put_back()
        for consumer in consumers:
            self._broker().after_cancel(consumer.queue)
        self.connection.channels.pop(self.channel_id, None)
        self.connection = None

    # Messages

    def prepare_message(
        self,
        body: Any,
        priority: int | None = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        headers: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Published:
        """Build a message. Raises FrameSyntaxError for a header that AMQP cannot carry."""
        carried = {
            "priority": priority,
            "content_type": content_type,
            "content_encoding": content_encoding,
            "application_headers": headers,
            **(properties or {}),
        }
        return published(body, carried)

    def basic_publish(
        self, message: Published, *, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> None:
        """Route a message to its queues; an unroutable mandatory one is refused with NO_ROUTE."""
        if self._broker().publish(message, exchange, routing_key) or not mandatory:
            return
        error = ChannelError("NO_ROUTE", (60, 50), reply_code=NO_ROUTE)
        if not self.events["basic_return"]:
            raise error
        for on_return in self.events["basic_return"]:
            on_return(error, exchange, routing_key, message)

    def received(self, delivery: Delivery) -> Message:
        """kombu's message for the consumer, with copies of all mutable values."""
        stored = delivery.stored
        properties = wire_copy(stored.message.properties)
        delivery_info = {
            "consumer_tag": delivery.consumer.tag if delivery.consumer else None,
            "delivery_tag": delivery.tag,
            "redelivered": stored.redelivered,
            "exchange": stored.exchange,
            "routing_key": stored.routing_key,
        }
        return Message(
            body=stored.message.body,
            channel=self,
            delivery_tag=delivery.tag,
            content_type=properties.get("content_type"),
            content_encoding=properties.get("content_encoding"),
            delivery_info=delivery_info,
            properties=properties,
            headers=properties.get("application_headers"),
        )

    # Exchanges and queues

    def exchange_declare(
        self,
        *,
        exchange: str,
        type: str = "direct",
        durable: bool = False,
        auto_delete: bool = False,
        passive: bool = False,
        arguments: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        if arguments:
            raise AMQPNotImplementedError(f"NOT_IMPLEMENTED - exchange arguments {sorted(arguments)}", (40, 10))
        if passive:
            self._broker().exchange(exchange)
        else:
            self._broker().declare_exchange(exchange, ExchangeSettings(type, durable, auto_delete))

    def exchange_delete(self, *, exchange: str, if_unused: bool = False, **_: Any) -> None:
        self._broker().delete_exchange(exchange, if_unused=if_unused)

    def prepare_queue_arguments(self, arguments: Mapping[str, Any], **options: Any) -> Any:
        return to_rabbitmq_queue_arguments(arguments, **options)

    def queue_declare(
        self,
        *,
        queue: str = "",
        durable: bool = False,
        exclusive: bool = False,
        auto_delete: bool = True,
        passive: bool = False,
        arguments: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> queue_declare_ok_t:
        if passive or queue in self._broker().queues:
            self._queue(queue).touch()
        if not passive:
            settings = QueueSettings(durable, exclusive, auto_delete, QueueLimits.of(arguments or {}))
            queue = self._broker().declare_queue(queue, settings, self.connection).name
        declared = self._queue(queue)
        return queue_declare_ok_t(queue, declared.message_count(), len(declared.consumers))

    def queue_bind(self, *, queue: str, exchange: str, routing_key: str = "", **_: Any) -> None:
        self._broker().exchange(exchange).bind(self._queue(queue), routing_key)

    def queue_unbind(self, *, queue: str, exchange: str, routing_key: str = "", **_: Any) -> None:
        self._broker().unbind(self._queue(queue), self._broker().exchange(exchange), routing_key)

    def queue_purge(self, *, queue: str, **_: Any) -> int:
        """Drop the messages that are ready; returns their number."""
        return self._queue(queue).purge()

    def queue_delete(self, *, queue: str, if_unused: bool = False, if_empty: bool = False, **_: Any) -> int:
        """Delete a queue, if it exists; returns the number of its messages."""
        if queue not in self._broker().queues:
            return 0
        deleted = self._queue(queue)
        messages = deleted.message_count()
        if (if_unused and deleted.consumers) or (if_empty and messages):
            raise PreconditionFailed(f"PRECONDITION_FAILED - queue '{queue}' in use or not empty", (50, 40))
        self._broker().delete_queue(deleted)
        return messages

    # Consuming

    def basic_qos(self, prefetch_size: int, prefetch_count: int, a_global: bool) -> None:
        """Set the prefetch limit of consumers started from now on; 0 for no limit."""
        if prefetch_size or a_global:
            raise AMQPNotImplementedError("NOT_IMPLEMENTED - prefetch by size or by channel", (60, 10))
        self.prefetch_count = prefetch_count

    def basic_consume(
        self,
        *,
        queue: str,
        no_ack: bool = False,
        consumer_tag: str = "",
        callback: Callable[[Message], object] | None = None,
        on_cancel: Callable[[str], object] | None = None,
        arguments: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> str:
        priority = priority_of(arguments or {})
        tag = consumer_tag or f"amq.ctag-{uuid4()}"
        if tag in self.consumers:
            raise NotAllowed(f"NOT_ALLOWED - attempt to reuse consumer tag '{tag}'", (60, 20))
        consumer = ChannelConsumer(self, self._queue(queue), tag, callback, on_cancel, priority, no_ack=no_ack)
        self.consumers[tag] = consumer
        if no_ack:
            self.no_ack_consumers.add(tag)
        consumer.queue.add(consumer)
        return tag

    def basic_cancel(self, consumer_tag: str, **_: Any) -> str:
        """Cancel a consumer: undelivered messages are requeued, delivered ones stay unacknowledged."""
        self._broker()
        if consumer := self.forget(consumer_tag):
            consumer.queue.remove(consumer)
            for delivery in [held for held in self.unacked.values() if held.consumer is consumer and not held.seen]:
                delivery.put_back()
            self._broker().after_cancel(consumer.queue)
        return consumer_tag

    def basic_get(self, *, queue: str, no_ack: bool = False) -> Message | None:
        source = self._queue(queue)
        source.touch()
        if (stored := source.take()) is None:
            return None
        delivery = self.hold(source, stored)
        delivery.seen = True
        if no_ack:
            delivery.settle()
        return self.received(delivery)

    def basic_ack(self, delivery_tag: int, *, multiple: bool = False) -> None:
        """Raises PreconditionFailed for an unknown delivery tag."""
        if not multiple:
            self._held(delivery_tag).settle()
            return
        for delivery in [held for tag, held in self.unacked.items() if tag <= delivery_tag or delivery_tag == 0]:
            delivery.settle()

    def basic_reject(self, delivery_tag: int, *, requeue: bool) -> None:
        """Raises PreconditionFailed for an unknown delivery tag."""
        delivery = self._held(delivery_tag)
        if requeue:
            delivery.put_back()
        else:
            delivery.settle()

    def basic_recover(self, **_: Any) -> None:
        """Requeue all unacknowledged messages, as RabbitMQ does."""
        self._broker()
        for delivery in list(self.unacked.values()):
            delivery.put_back()

    # For consumers and deliveries

    def hold(self, queue: Queue, stored: Stored, consumer: ChannelConsumer | None = None) -> Delivery:
        """Record a message as unacknowledged, under a new delivery tag."""
        delivery = Delivery(self, queue, stored, next(self._tags), consumer)
        self.unacked[delivery.tag] = delivery
        return delivery

    def release(self, delivery: Delivery) -> None:
        """Remove an unacknowledged message, and wake greenlets that wait for the end of all work."""
        del self.unacked[delivery.tag]
        if not self.unacked and not self.consumers and self.connection is not None:
            self.connection.wake()

    def forget(self, consumer_tag: str) -> ChannelConsumer | None:
        """Remove a consumer; None if it is unknown."""
        self.no_ack_consumers.discard(consumer_tag)
        return self.consumers.pop(consumer_tag, None)

    def _held(self, tag: int) -> Delivery:
        self._broker()
        try:
            return self.unacked[tag]
        except KeyError:
            raise PreconditionFailed(f"PRECONDITION_FAILED - unknown delivery tag {tag}", (60, 80)) from None

    def _queue(self, name: str) -> Queue:
        queue = self._broker().queue(name)
        if queue.owner not in (None, self.connection):
            raise ResourceLocked(f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{name}'", (50, 10))
        return queue

    def _broker(self) -> Broker:
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        return self.connection.broker
