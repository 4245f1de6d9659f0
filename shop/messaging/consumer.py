"""Consuming from the broker: Nameko's consumers, made to survive trouble with the broker and to stop in it.

Nameko's own wait up to half a minute between tries to connect, stop only when the broker plays its part, and take the
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

from shop.messaging import publisher
from shop.messaging.broker import TROUBLE
from shop.messaging.publisher import Outgoing

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_TRIES = 0.5
SECONDS_FOR_A_CONNECTION = 0.6
"""That whoever wants to send waits for one: until the next try."""
POLL_SECONDS = 0.02
SECONDS_BETWEEN_GLANCES = 0.2
"""How soon a consumer notices that it is to stop; kombu's second adds up when a service stops one after the other."""
SECONDS_OF_STANDSTILL = 1.0
"""Glances further apart mean that the process was stopped, or the machine had no time for it."""
SECONDS_TO_COME_TO = 1.0
"""After a standstill, within which what had come meanwhile has been read."""
SECONDS_FOR_A_FAREWELL = 2.0
"""That the broker has to end things in order, before they are broken off."""


class QueueConsumer(messaging.QueueConsumer):
    """The service's connection for incoming messages."""

    connected = False
    _established: Connection | None = None
    _channel: Any = None
    returned: Callable[..., None] | None = None
    """Called with the error, the exchange, the routing key and the message, when a mandatory message is in no queue."""
    revived: Callable[[], None] | None = None
    """Called when there is a connection again: some of what was sent over the one before may be lost."""
    connections = 0
    """How many there have been."""
    _glanced = float("inf")
    _came_to = float("-inf")

    def __init__(self) -> None:
        super().__init__()
        self._outdated: set[Any] = set()

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Try for as long as it takes."""
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
            # Not `connect`, which tries twice and waits in between.
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
        """Returns when the queues have been declared, once and for all. Raises: OperationalError, if they never are."""
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
        """Consume with what the provider's queue says by now: soon, as the greenlet that reads has to do it."""
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
        """Consume no more for the provider."""
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
        """Let the greenlet come to its end, unless it waits for a broker that does not answer."""
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
        """Break the connection off. It is left to the consumer's greenlet, which reads from it, to close it."""
        self.connected = False
        if self._established and self._established.connected:
            with contextlib.suppress(OSError, AttributeError):
                self._established.connection.sock.shutdown(socket.SHUT_RDWR)

    def _handle_thread_exited(self, gt: Any) -> None:
        with contextlib.suppress(GreenletExit):
            super()._handle_thread_exited(gt)

    # Handling

    def handle_message(self, provider: Any, body: Any, message: Message) -> None:
        """Providers that never wait are called at once; for others, nameko spawns a greenlet."""
        self._glance()
        if self._may_be_too_late(message):
            self.requeue_message(message)
        elif getattr(provider, "never_waits", False):
            provider.handle_message(body, message)
        else:
            super().handle_message(provider, body, message)

    def _may_be_too_late(self, message: Message) -> bool:
        """Whether it may have waited here for longer than it is of use. The broker knows, if it is given back."""
        has_waited = self._glanced - self._came_to < SECONDS_TO_COME_TO and not message.delivery_info["redelivered"]
        return has_waited and "expiration" in message.properties

    def _glance(self) -> None:
        now = time.monotonic()
        if now - self._glanced > SECONDS_OF_STANDSTILL:
            self._came_to = now
        self._glanced = now

    # Sending

    def publish(self, message: Outgoing) -> None:
        """Send a message. The broker has it soon; where there is no connection, one is waited for, but not for long.

        Raises: kombu.exceptions.OperationalError, amqp.exceptions.ConnectionError, OSError: there is none.
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
        """Have the queue get messages from its exchange, or not: soon, and until there is a new connection.

        Nobody waits for the broker's answer, which is the consumer's to read.
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
        """A message whose connection is gone will come again, so there is nothing to do."""
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
    """Takes the replies to this process's calls."""

    queue_consumer = QueueConsumer()
    never_waits = True

    def setup(self) -> None:
        super().setup()
        # A reply that is lost is the caller's time-out, whether it was acknowledged or not.
        self.queue.no_ack = True

    def handle_message(self, body: Any, message: Message) -> None:
        if not isinstance(body, dict) or not {"result", "error"} <= body.keys():
            log.warning("malformed reply dropped", service=self.container.service_name)
            return
        waiting = self._reply_events.pop(message.properties.get("correlation_id"), None)
        if waiting is not None:
            waiting.send(body)
