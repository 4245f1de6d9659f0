"""The kombu transport: connections to a broker in this process."""

from collections.abc import Callable
from itertools import count
from queue import Empty
from typing import Any

from amqp import exceptions
from eventlet.queue import LightQueue
from kombu.connection import Connection as Client
from kombu.transport import base

from shop.messaging.embedded.broker import broker_at
from shop.messaging.embedded.channel import EmbeddedChannel

HEARTBEAT_PAUSE = 0.1


class EmbeddedConnection:
    """A connection to a broker.

    Attributes:
        client: kombu's connection object, where kombu expects it.
        inbox: pending events of `drain_events`, as functions to call there.
    """

    def __init__(self, client: Client, broker_name: str) -> None:
        self.client = client
        self.broker = broker_at(broker_name)
        self.channels: dict[int, EmbeddedChannel] = {}
        self.inbox = LightQueue()
        self.connected = True
        self._channel_ids = count(1)

    def channel(self) -> EmbeddedChannel:
        self._check_open()
        channel = EmbeddedChannel(self, next(self._channel_ids))
        self.channels[channel.channel_id] = channel
        return channel

    def close(self) -> None:
        """Close all channels, delete exclusive queues, and wake a waiting `drain_events`."""
        self.connected = False
        for channel in list(self.channels.values()):
            channel.close()
        self.broker.delete_exclusive_queues(self)
        for _ in range(self.inbox.getting()):
            self.inbox.put(self._check_open)

    def drain_events(self, timeout: float | None = None) -> None:
        """Wait for one event and act on it.

        Raises:
            TimeoutError: no event within `timeout` seconds (None waits for ever).
            RecoverableConnectionError: the connection is closed.
        """
        self._check_open()
        try:
            event: Callable[[], None] = self.inbox.get(timeout=self._patience(timeout))
        except Empty:
            raise TimeoutError("no message came") from None
        event()

    def wake(self) -> None:
        """Wake a waiting `drain_events`."""
        if self.inbox.getting():
            self.inbox.put(self._check_open)

    def _patience(self, timeout: float | None) -> float | None:
        """Seconds of a single wait.

        A client with a heartbeat treats a timeout as "no event yet", and Nameko's queue consumers notice a stop only
        between two waits: short waits make stopping quick. Not without consumers and with work in progress: closing the
        connection then would requeue that work.
        """
        if timeout is None or not self.client.heartbeat or self._is_finishing():
            return timeout
        return min(timeout, HEARTBEAT_PAUSE)

    def _is_finishing(self) -> bool:
        channels = self.channels.values()
        return any(channel.unacked for channel in channels) and not any(channel.consumers for channel in channels)

    def _check_open(self) -> None:
        if not self.connected:
            raise exceptions.RecoverableConnectionError("connection already closed")


class EmbeddedTransport(base.Transport):
    """kombu's transport for ``embedded://``; the rest of the URL is the broker's name."""

    client: Client

    can_parse_url = True
    connection_errors: tuple[type[Exception], ...] = (exceptions.ConnectionError, OSError)  # type: ignore[assignment]
    channel_errors = (exceptions.ChannelError,)
    recoverable_connection_errors = (exceptions.RecoverableConnectionError, OSError)
    recoverable_channel_errors = (exceptions.RecoverableChannelError,)
    driver_type = "amqp"
    driver_name = "embedded"
    implements = base.Transport.implements.extend(exchange_type=frozenset({"direct", "topic", "fanout"}))

    def establish_connection(self) -> EmbeddedConnection:
        _, _, broker_name = (self.client.hostname or "").rpartition("://")
        return EmbeddedConnection(self.client, broker_name.strip("/"))

    def close_connection(self, connection: EmbeddedConnection) -> None:
        connection.close()

    def verify_connection(self, connection: EmbeddedConnection) -> bool:
        return connection.connected

    def create_channel(self, connection: EmbeddedConnection) -> EmbeddedChannel:
        return connection.channel()

    def drain_events(self, connection: EmbeddedConnection, timeout: float | None = None, **_: Any) -> None:
        connection.drain_events(timeout)

    def as_uri(self, uri: str, include_password: bool = False, mask: str = "**") -> str:
        return uri
