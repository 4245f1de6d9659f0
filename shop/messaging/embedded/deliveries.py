"""Deliveries: messages from a queue to a consumer, until they are acknowledged."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Protocol

from amqp.exceptions import AMQPNotImplementedError, ConsumerCancelled, PreconditionFailed
from kombu.transport.base import Message

from shop.messaging.embedded.broker import Broker
from shop.messaging.embedded.queues import Queue, Stored


class Inbox(Protocol):
    """Pending events of a connection's `drain_events`, as functions to call there."""

    def put(self, event: Callable[[], None], /) -> None: ...


class ChannelConnection(Protocol):
    """The connection's interface for deliveries and channels.

    Attributes:
        broker: the broker that it is connected to.
        channels: open channels by id.
    """

    broker: Broker

    @property
    def channels(self) -> MutableMapping[int, Any]: ...

    @property
    def inbox(self) -> Inbox: ...

    def wake(self) -> None:
        """Wake a waiting `drain_events`."""


class DeliveryChannel(Protocol):
    """The channel's interface for deliveries and consumers.

    Attributes:
        connection: None once the channel is closed.
        unacked: unacknowledged messages, by delivery tag.
    """

    connection: ChannelConnection | None
    prefetch_count: int
    unacked: dict[int, "Delivery"]

    def hold(self, queue: Queue, stored: Stored, consumer: "ChannelConsumer | None" = None) -> "Delivery":
        """Record a message as unacknowledged, under a new delivery tag."""

    def received(self, delivery: "Delivery") -> Message:
        """Build the consumer's message."""

    def release(self, delivery: "Delivery") -> None:
        """Remove an unacknowledged message."""

    def forget(self, consumer_tag: str) -> "ChannelConsumer | None":
        """Remove a consumer; None if it is unknown."""


class ChannelConsumer:
    """A consumer on a channel; without acknowledgements, it has no prefetch limit."""

    def __init__(
        self,
        channel: DeliveryChannel,
        queue: Queue,
        tag: str,
        callback: Callable[[Message], object] | None,
        on_cancel: Callable[[str], object] | None,
        priority: int = 0,
        *,
        no_ack: bool,
    ) -> None:
        self.channel = channel
        self.queue = queue
        self.tag = tag
        self.callback = callback
        self.on_cancel = on_cancel
        self.priority = priority
        self.no_ack = no_ack
        self.holds = 0
        self._limit = 0 if no_ack else channel.prefetch_count

    def has_room(self) -> bool:
        return not self._limit or self.holds < self._limit

    def deliver(self, stored: Stored) -> None:
        self.holds += 1
        self._post(self.channel.hold(self.queue, stored, self).hand_over)

    def queue_deleted(self) -> None:
        if self.channel.forget(self.tag):
            self._post(self._report_cancel)

    def _report_cancel(self) -> None:
        if self.on_cancel is None:
            raise ConsumerCancelled(self.tag, (60, 30))
        self.on_cancel(self.tag)

    def _post(self, event: Callable[[], None]) -> None:
        if self.channel.connection is not None:
            self.channel.connection.inbox.put(event)


class Delivery:
    """An unacknowledged message with its delivery tag.

    Attributes:
        seen: the consumer was called with it; only then the next delivery counts as a redelivery.
        consumer: None for a message from `basic_get`.
    """

    __slots__ = ("channel", "consumer", "queue", "seen", "stored", "tag")

    def __init__(
        self, channel: DeliveryChannel, queue: Queue, stored: Stored, tag: int, consumer: ChannelConsumer | None
    ) -> None:
        self.channel = channel
        self.queue = queue
        self.stored = stored
        self.tag = tag
        self.consumer = consumer
        self.seen = False

    def hand_over(self) -> None:
        """Call the consumer, unless the message was requeued meanwhile."""
        if self.tag not in self.channel.unacked or self.consumer is None:
            return
        self.seen = True
        message = self.channel.received(self)
        if self.consumer.no_ack:
            self.settle()
        if self.consumer.callback is not None:
            self.consumer.callback(message)

    def settle(self) -> None:
        """Settle the message for good, which frees prefetch capacity."""
        self._release()
        self.queue.dispatch()

    def put_back(self) -> None:
        """Requeue the message at its original place."""
        self._release()
        self.stored.redelivered |= self.seen
        self.queue.put_back(self.stored)

    def _release(self) -> None:
        if self.consumer is not None:
            self.consumer.holds -= 1
        self.channel.release(self)


def priority_of(arguments: Mapping[str, Any]) -> int:
    """A consumer's priority from its arguments. Raises: AMQPNotImplementedError, PreconditionFailed."""
    if unknown := sorted(arguments.keys() - {"x-priority"}):
        raise AMQPNotImplementedError(f"NOT_IMPLEMENTED - consumer arguments {unknown}", (60, 20))
    priority = arguments.get("x-priority", 0)
    if not isinstance(priority, int):
        raise PreconditionFailed(f"PRECONDITION_FAILED - invalid x-priority {priority!r}", (60, 20))
    return priority
