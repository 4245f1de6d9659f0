"""Queues: ordered messages, delivered to consumers round-robin."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any, Protocol

from amqp.exceptions import AMQPNotImplementedError, PreconditionFailed

from shop.messaging.embedded.messages import Published

MILLISECOND = 0.001


class Consumer(Protocol):
    """A receiver of a queue's messages.

    Consumers with the highest priority get all messages that fit their prefetch limit.
    """

    priority: int

    def has_room(self) -> bool:
        """Whether the prefetch limit allows another message."""

    def deliver(self, stored: "Stored") -> None:
        """Receive one message."""

    def queue_deleted(self) -> None:
        """Called when the queue is deleted: no more messages will come."""


@dataclass(slots=True)
class Stored:
    """A message in one queue; `number` is its place in the order of arrival."""

    message: Published
    exchange: str
    routing_key: str
    number: int
    dies_at: float | None
    redelivered: bool = False


@dataclass(frozen=True)
class QueueLimits:
    """Optional limits of a queue: number of messages, and seconds."""

    max_length: int | None = None
    message_ttl: float | None = None
    expires: float | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "QueueLimits":
        """Parse AMQP's queue arguments, where times are milliseconds.

        Raises:
            AMQPNotImplementedError: an argument that this broker would have to ignore.
        """
        known = dict(arguments)
        if known.pop("x-overflow", "drop-head") != "drop-head":
            raise AMQPNotImplementedError("NOT_IMPLEMENTED - x-overflow other than drop-head", (50, 10))
        max_length = known.pop("x-max-length", None)
        message_ttl, expires = known.pop("x-message-ttl", None), known.pop("x-expires", None)
        if known:
            raise AMQPNotImplementedError(f"NOT_IMPLEMENTED - queue arguments {sorted(known)}", (50, 10))
        return cls(max_length, _seconds(message_ttl), _seconds(expires))


@dataclass(frozen=True)
class QueueSettings:
    """Arguments of a queue's declaration; another declaration must be equal."""

    durable: bool = False
    exclusive: bool = False
    auto_delete: bool = False
    limits: QueueLimits = QueueLimits()


class Queue:
    """A queue of messages.

    Attributes:
        ready: messages without a consumer, oldest first.
        owner: the connection that declared an exclusive queue.
    """

    def __init__(self, name: str, settings: QueueSettings, owner: object = None) -> None:
        self.name = name
        self.settings = settings
        self.limits = settings.limits
        self.owner = owner
        self.ready: deque[Stored] = deque()
        self.consumers: deque[Consumer] = deque()
        self._numbers = count()
        self._unused_since = monotonic()

    def put(self, message: Published, exchange: str, routing_key: str) -> None:
        """Append a message; above `x-max-length`, the oldest ready one is dropped."""
        dies_at = self._death(message)
        self.ready.append(Stored(message, exchange, routing_key, next(self._numbers), dies_at))
        self.dispatch()
        if self.limits.max_length is not None and len(self.ready) > self.limits.max_length:
            self._drop_dead()
            while len(self.ready) > self.limits.max_length:
                self.ready.popleft()

    def put_back(self, stored: Stored) -> None:
        """Requeue a message at its original place, before all later ones."""
        place = 0
        while place < len(self.ready) and self.ready[place].number < stored.number:
            place += 1
        self.ready.insert(place, stored)
        self.dispatch()

    def take(self) -> Stored | None:
        """Remove the oldest message that has not expired."""
        self._drop_dead()
        return self.ready.popleft() if self.ready else None

    def dispatch(self) -> None:
        """Deliver messages to consumers with room, round-robin among those with the highest priority."""
        while self.ready and (consumer := self._next_consumer()):
            if stored := self.take():
                consumer.deliver(stored)

    def add(self, consumer: Consumer) -> None:
        self.consumers.append(consumer)
        self.dispatch()

    def remove(self, consumer: Consumer) -> None:
        self.consumers.remove(consumer)
        self.touch()

    def touch(self) -> None:
        """Record a use of the queue, which restarts `x-expires`."""
        self._unused_since = monotonic()

    def is_expired(self) -> bool:
        """Whether the queue was unused for the time of `x-expires`."""
        if self.consumers or self.limits.expires is None:
            return False
        return monotonic() >= self._unused_since + self.limits.expires

    def message_count(self) -> int:
        self._drop_dead()
        return len(self.ready)

    def purge(self) -> int:
        """Drop the messages that are ready; returns their number."""
        dropped = self.message_count()
        self.ready.clear()
        return dropped

    def close(self) -> None:
        """Drop all messages, and tell the consumers that the queue is deleted."""
        self.ready.clear()
        while self.consumers:
            self.consumers.popleft().queue_deleted()

    def _next_consumer(self) -> Consumer | None:
        able = [consumer for consumer in self.consumers if consumer.has_room()]
        if not able:
            return None
        chosen = max(able, key=lambda consumer: consumer.priority)  # the first of equals, which waits longest
        self.consumers.remove(chosen)
        self.consumers.append(chosen)
        return chosen

    def _death(self, message: Published) -> float | None:
        ttl = self.limits.message_ttl
        if (expiration := message.properties.get("expiration")) is not None:
            own = _seconds(expiration)
            ttl = own if ttl is None else min(own or 0.0, ttl)
        return None if ttl is None else monotonic() + ttl

    def _drop_dead(self) -> None:
        while self.ready and (dies_at := self.ready[0].dies_at) is not None and dies_at <= monotonic():
            self.ready.popleft()


def _seconds(milliseconds: int | str | None) -> float | None:
    try:
        return None if milliseconds is None else int(milliseconds) * MILLISECOND
    except ValueError:
        raise PreconditionFailed(f"PRECONDITION_FAILED - invalid milliseconds {milliseconds!r}") from None
