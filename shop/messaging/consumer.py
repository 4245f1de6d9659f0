"""Nameko's consumers, made robust against broker failures, also while stopping.

Nameko's own wait up to half a minute between attempts to connect, stop only with the broker's cooperation, and take the
whole container down when an acknowledgement finds its connection gone.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import structlog
from amqp.exceptions import ConnectionError as ConnectionLost
from eventlet.event import Event
from greenlet import GreenletExit
from kombu import Connection, Queue
from kombu.exceptions import OperationalError
from kombu.message import Message
from nameko import messaging
from nameko import rpc as nameko_rpc
from nameko.extensions import ProviderCollector

from shop.messaging import process, publisher
from shop.messaging.broker import TROUBLE
from shop.messaging.publisher import Outgoing

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_TRIES = 0.5
SECONDS_FOR_A_CONNECTION = 0.6
"""Longest wait of a sender for a connection, to cover one attempt to reconnect."""
POLL_SECONDS = 0.02
SECONDS_BETWEEN_GLANCES = 0.2
"""Poll interval at which a consumer notices a stop; kombu's second adds up when consumers stop one by one."""
SECONDS_OF_STANDSTILL = 1.0
"""A longer interval between polls means that the process was suspended, or starved of processor time."""
SECONDS_TO_COME_TO = 1.0
"""Time after a standstill within which all messages received meanwhile have been read."""
SECONDS_FOR_A_FAREWELL = 2.0
"""Time for an orderly close of connections before they are broken off."""


class QueueConsumer(messaging.QueueConsumer):
    """The service's connection for incoming messages."""

    connected = False
    _established: Connection | None = None
    _channel: Any = None
    returned: Callable[..., None] | None = None
    """Called with the error, the exchange, the routing key and the message, when a mandatory message is unroutable."""
    revived: Callable[[], None] | None = None
    """Called after a reconnect: messages sent over the previous connection may be lost."""
    connections = 0
    """Number of connections so far."""
    _glanced = float("inf")
    _came_to = float("-inf")

    def __init__(self) -> None:
        super().__init__()
        self._outdated: set[Any] = set()

    def setup(self) -> None:
        process.prepare()
        super().setup()

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Retry without a limit."""
        self.connected = False
        with self.create_connection() as connection:
            failures = 0
            while not self._try_to_connect(connection, failures):
                failures += 1
                eventlet.sleep(SECONDS_BETWEEN_TRIES)
            if failures:
                log.info("broker is back", service=self.container.service_name)
            self._established = connection
            yield connection

    def _try_to_connect(self, connection: Connection, failures: int) -> bool:
        try:
            # Not `connect`, which tries twice with a pause.
            connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
        except TROUBLE as error:
            if self.should_stop:
                raise
            if failures == 0:
                log.warning("broker does not answer", service=self.container.service_name, error=str(error))
            return False
        return True

    def consume(self, limit: Any = None, **options: Any) -> Iterator[None]:
        try:
            yield from super().consume(limit, **{"safety_interval": SECONDS_BETWEEN_GLANCES, **options})
        except TROUBLE as error:
            if not self.should_stop:
                log.warning("connection to the broker lost", service=self.container.service_name, error=str(error))
            raise

    def wait_until_ready(self) -> None:
        """Return when the queues are declared. Raises: OperationalError, if that fails permanently."""
        try:
            self._consumers_ready.wait()
        except messaging.QueueConsumerStopped as error:
            raise OperationalError("the service has been stopped") from error

    def on_connection_revived(self) -> None:
        if self._consumers_ready.ready():
            publisher.hang_up()

    def on_consume_ready(self, connection: Connection, channel: Any, consumers: Any, **options: Any) -> None:
        if self.returned:
            channel.events["basic_return"].add(self.returned)
        self._channel = channel
        self.connections += 1
        if self.revived and self._consumers_ready.ready():
            eventlet.spawn_n(self.revived)
        self.connected = True
        self._glanced = time.monotonic()
        super().on_consume_ready(connection, channel, consumers, **options)

    def on_iteration(self) -> None:
        super().on_iteration()
        self._renew_consumers()
        self._glance()

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        log.warning("malformed message dropped", service=self.container.service_name, error=repr(exc))
        self.ack_message(message)

    # Changing

    def consume_anew(self, provider: Any) -> None:
        """Restart the provider's consumer with the queue's present arguments: soon, in the reading greenlet."""
        self._outdated.add(provider)

    def _renew_consumers(self) -> None:
        while self._outdated:
            provider = self._outdated.pop()
            if consumer := self._consumers.get(provider):
                consumer.cancel()
                for queue in consumer.queues:
                    queue.consumer_arguments = provider.queue.consumer_arguments
                consumer.consume()

    # Stopping

    def unregister_provider(self, provider: Any) -> None:
        """Stop consuming for the provider."""
        if self.connected:
            self._cancel(provider)
        ProviderCollector.unregister_provider(self, provider)
        if not self._providers:
            self.should_stop = True

    def stop(self) -> None:
        self.wait_for_providers()
        self._end()

    def kill(self) -> None:
        self._providers: set[Any] = set()
        self._end()

    def _cancel(self, provider: Any) -> None:
        cancelled = Event()
        self._pending_remove_providers[provider] = cancelled
        with eventlet.Timeout(SECONDS_FOR_A_FAREWELL, False):
            while self.connected and not cancelled.ready():
                eventlet.sleep(POLL_SECONDS)
        if not cancelled.ready():
            self._pending_remove_providers.pop(provider, None)
            self._hang_up()

    def _cancel_consumers_if_requested(self) -> None:
        pending = dict(self._pending_remove_providers)
        self._pending_remove_providers.clear()
        for provider, cancelled in pending.items():
            if consumer := self._consumers.pop(provider, None):
                consumer.cancel()
            cancelled.send()

    def _end(self) -> None:
        """End the reading greenlet, unless it waits for a broker that does not answer."""
        self.should_stop = True
        if not self._consumers_ready.ready():
            self._consumers_ready.send_exception(messaging.QueueConsumerStopped())
        if self._gt is None:
            return
        with contextlib.suppress(Exception), eventlet.Timeout(SECONDS_FOR_A_FAREWELL if self.connected else 0, False):
            self._gt.wait()
        if not self._gt.dead:
            self._hang_up()
            self._gt.kill()

    def _hang_up(self) -> None:
        """Break off the connection. The consumer's greenlet, which reads from it, closes it."""
        self.connected = False
        if self._established and self._established.connected:
            with contextlib.suppress(OSError, AttributeError):
                self._established.connection.sock.shutdown(socket.SHUT_RDWR)

    def _handle_thread_exited(self, gt: Any) -> None:
        with contextlib.suppress(GreenletExit):
            super()._handle_thread_exited(gt)

    # Handling

    def handle_message(self, provider: Any, body: Any, message: Message) -> None:
        """Providers that never block are called directly; for others, Nameko spawns a greenlet."""
        self._glance()
        if self._may_be_too_late(message):
            self.requeue_message(message)
        elif getattr(provider, "never_waits", False):
            provider.handle_message(body, message)
        else:
            super().handle_message(provider, body, message)

    def _may_be_too_late(self, message: Message) -> bool:
        """Whether the message may have expired while it waited here. Requeued, the broker decides."""
        has_waited = self._glanced - self._came_to < SECONDS_TO_COME_TO and not message.delivery_info["redelivered"]
        return has_waited and "expiration" in message.properties

    def _glance(self) -> None:
        now = time.monotonic()
        if now - self._glanced > SECONDS_OF_STANDSTILL:
            self._came_to = now
        self._glanced = now

    # Sending

    def publish(self, message: Outgoing) -> None:
        """Send a message asynchronously. Without a connection, wait SECONDS_FOR_A_CONNECTION for one.

        Raises: kombu.exceptions.OperationalError, amqp.exceptions.ConnectionError, OSError: no connection.
        """
        deadline = time.monotonic() + SECONDS_FOR_A_CONNECTION
        while True:
            try:
                message.publish(self._open_channel())
                return
            except (ConnectionLost, OperationalError, OSError):
                if time.monotonic() >= deadline:
                    raise
            eventlet.sleep(POLL_SECONDS)

    def listen(self, queue: Queue, wanted: bool) -> None:
        """Bind the queue to its exchange, or unbind it: soon, until the next connection.

        Does not wait for the broker's answer, which the consumer reads.
        """
        if self.connected:
            change = self._channel.queue_bind if wanted else self._channel.queue_unbind
            change(queue=queue.name, exchange=queue.exchange.name, routing_key=queue.routing_key, nowait=True)

    def _open_channel(self) -> Any:
        if not self.connected:
            raise OperationalError("there is no connection to the broker")
        return self._channel

    # Acknowledging

    def ack_message(self, message: Message) -> None:
        """After a lost connection, the message will be redelivered, so there is nothing to do."""
        try:
            super().ack_message(message)
        except TROUBLE as error:
            log.info("message not acknowledged", service=self.container.service_name, error=str(error))

    def requeue_message(self, message: Message) -> None:
        try:
            super().requeue_message(message)
        except TROUBLE as error:
            log.info("message not requeued", service=self.container.service_name, error=str(error))


class ReplyListener(nameko_rpc.ReplyListener):
    """Receives the replies to this process's calls."""

    queue_consumer = QueueConsumer()
    never_waits = True

    def setup(self) -> None:
        super().setup()
        # A lost reply becomes the caller's timeout, acknowledged or not.
        self.queue.no_ack = True

    def handle_message(self, body: Any, message: Message) -> None:
        if not isinstance(body, dict) or not {"result", "error"} <= body.keys():
            log.warning("malformed reply dropped", service=self.container.service_name)
            return
        waiting = self._reply_events.pop(message.properties.get("correlation_id"), None)
        if waiting is not None:
            waiting.send(body)
