"""Publishing to the broker, over persistent connections.

Nameko's publisher takes its connections from pools that the whole process shares, and returns them even after a timeout
in the middle of an operation. Waiting for a free one has no limit.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import eventlet
from amqp.exceptions import ConnectionError as ConnectionLost
from eventlet.semaphore import Semaphore
from kombu import Connection
from kombu.entity import Exchange
from kombu.exceptions import OperationalError
from kombu.serialization import dumps
from nameko.constants import NON_PERSISTENT

from shop.messaging.broker import TROUBLE

CONNECTIONS = 10
"""Most connections of one sender."""

SECONDS_TO_SEND = 5.0
SECONDS_FOR_A_FAREWELL = 1.0

PAUSES = (0.1, 0.3, None)
"""Backoff in seconds after each attempt on a lost connection; None after the last one."""


@dataclass(slots=True)
class Outgoing:
    """A packed message. All are transient: callers time out before a broker restarts."""

    body: Any
    content_type: str
    content_encoding: str
    headers: dict[str, Any] | None
    properties: dict[str, str | None]
    exchange: str
    routing_key: str
    mandatory: bool

    @classmethod
    def of(
        cls,
        payload: Any,
        serializer: str,
        exchange: str,
        routing_key: str,
        *,
        headers: dict[str, Any] | None = None,
        mandatory: bool = False,
        expiration: float | None = None,
        **properties: str | None,
    ) -> "Outgoing":
        """Pack a payload.

        Args:
            mandatory: the broker returns the message if it is unroutable.
            expiration: seconds after which the message is dropped.
            properties: AMQP properties: `reply_to`, `correlation_id`.

        Raises:
            kombu.exceptions.EncodeError: the payload cannot be serialized.
        """
        content_type, encoding, body = dumps(payload, serializer)
        if expiration is not None:
            properties["expiration"] = str(round(1000 * expiration))
        return cls(body, content_type, encoding, headers, properties, exchange, routing_key, mandatory)

    def publish(self, channel: Any) -> None:
        """Publish on the channel directly: kombu's Producer takes more time than the sending itself."""
        message = channel.prepare_message(
            self.body,
            content_type=self.content_type,
            content_encoding=self.content_encoding,
            headers=self.headers,
            properties={"delivery_mode": NON_PERSISTENT, **self.properties},
        )
        channel.basic_publish(message, exchange=self.exchange, routing_key=self.routing_key, mandatory=self.mandatory)


class Sender:
    """Publishes messages to one exchange with publisher confirms."""

    def __init__(self, uri: str, exchange: Exchange, serializer: str) -> None:
        self._uri = uri
        self._exchange = exchange
        self._serializer = serializer
        self._places = Semaphore(CONNECTIONS)
        self._idle: list[SendingLine] = []
        _senders.add(self)

    def send(self, payload: Any, routing_key: str, **options: Any) -> None:
        """Send one message.

        Args:
            options: as for `Outgoing.of`.

        Raises:
            amqp.exceptions.ChannelError, with NO_ROUTE in its text: a `mandatory` message is unroutable.
            kombu.exceptions.OperationalError, amqp.exceptions.ConnectionError, OSError: the broker refused it.
            kombu.exceptions.EncodeError: the payload cannot be serialized.
        """
        message = Outgoing.of(payload, self._serializer, self._exchange.name, routing_key, **options)
        too_slow = OperationalError(f"the broker took no message in {SECONDS_TO_SEND:g} s")
        with eventlet.Timeout(SECONDS_TO_SEND, too_slow), self._places:
            for pause in PAUSES:
                try:
                    self._use_line(message)
                    return
                except (ConnectionLost, OSError):
                    # The idle connections are as old, and most likely lost as well.
                    self._give_away(SendingLine.break_off)
                    if pause is None:
                        raise
                eventlet.sleep(pause)

    def hang_up(self) -> None:
        """Retire all present connections. Returns when the broker has all messages sent."""
        self._give_away(SendingLine.end)

    def _give_away(self, end: Callable[["SendingLine"], None]) -> None:
        idle, self._idle = self._idle, []
        for ending in [eventlet.spawn(end, line) for line in idle]:
            ending.wait()

    def _use_line(self, message: Outgoing) -> None:
        """A connection for one message, which is kept for reuse on success."""
        idle = self._idle
        line = idle.pop() if idle else SendingLine(self._uri, self._exchange)
        try:
            line.send(message)
        except BaseException:
            # Interrupted: the broker's next answer would be mistaken for that to the next message.
            line.break_off()
            raise
        if idle is self._idle:
            idle.append(line)
        else:
            line.end()


class SendingLine:
    """A connection with one channel and a declared exchange."""

    def __init__(self, uri: str, exchange: Exchange) -> None:
        self._connection = Connection(uri, transport_options={"confirm_publish": True})
        try:
            # Not `connect`, which tries twice with a pause.
            self._connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
            self._channel = self._connection.channel()
            exchange(self._channel).declare()
        except BaseException:
            self.break_off()
            raise

    def send(self, message: Outgoing) -> None:
        message.publish(self._channel)

    def end(self) -> None:
        """Close in order, with a short timeout: then the broker has all messages sent."""
        with suppress(*TROUBLE), eventlet.Timeout(SECONDS_FOR_A_FAREWELL, False):
            self._connection.release()
        self.break_off()

    def break_off(self) -> None:
        """Close without the closing handshake, for which a broker in trouble would keep us waiting."""
        self._connection.collect()


def hang_up() -> None:
    """Make all senders of this process reconnect: messages on a dead connection may be lost silently."""
    for sender in list(_senders):
        eventlet.spawn_n(sender.hang_up)


_senders: WeakSet[Sender] = WeakSet()
