"""Consuming from the broker: Nameko's consumers, made to survive trouble with the broker and to stop in it.

Nameko's own wait up to half a minute between tries to connect, cannot be stopped while they try, and take the whole
container down when an acknowledgement finds its connection gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import structlog
from amqp.exceptions import AMQPError
from eventlet.event import Event
from kombu import Connection, pools
from kombu.message import Message
from nameko import messaging
from nameko import rpc as nameko_rpc
from nameko.extensions import ProviderCollector

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_TRIES = 1.0
POLL_SECONDS = 0.02
SECONDS_BETWEEN_GLANCES = 0.2
"""How soon a consumer notices that it is to stop; kombu's second adds up when a service stops one after the other."""


class QueueConsumer(messaging.QueueConsumer):
    """The service's connection for incoming messages."""

    connected = False

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Try every second, for as long as it takes."""
        self.connected = False
        with self.create_connection() as connection:
            failures = 0
            while not self._try_to_connect(connection, failures):
                failures += 1
                eventlet.sleep(SECONDS_BETWEEN_TRIES)
            if failures:
                log.info("broker is back", service=self.container.service_name)
            yield connection

    def _try_to_connect(self, connection: Connection, failures: int) -> bool:
        try:
            connection.connect()
        except connection.connection_errors as error:
            if self.should_stop:
                raise
            if failures == 0:
                log.warning("broker does not answer", service=self.container.service_name, error=str(error))
            return False
        return True

    def consume(self, limit: Any = None, **options: Any) -> Iterator[None]:
        yield from super().consume(limit, **{"safety_interval": SECONDS_BETWEEN_GLANCES, **options})

    def wait_until_ready(self) -> None:
        """Returns when the queues have been declared, once and for all."""
        self._consumers_ready.wait()

    def on_connection_revived(self) -> None:
        """What was sent over connections from before would be lost without a word, so senders get new ones."""
        if self._consumers_ready.ready():
            log.info("connected again", service=self.container.service_name)
            pools.reset()

    def on_consume_ready(self, *args: Any, **kwargs: Any) -> None:
        self.connected = True
        super().on_consume_ready(*args, **kwargs)

    def unregister_provider(self, provider: Any) -> None:
        """Consume no more for the provider. Nameko waits for the broker here; we do not when it is away."""
        if not self._consumers_ready.ready():
            super().unregister_provider(provider)
            return
        removed = Event()
        self._pending_remove_providers[provider] = removed
        while self.connected and not removed.ready():
            eventlet.sleep(POLL_SECONDS)
        self._pending_remove_providers.pop(provider, None)
        self._consumers.pop(provider, None)
        ProviderCollector.unregister_provider(self, provider)
        if not self._providers:
            self.should_stop = True

    def ack_message(self, message: Message) -> None:
        """A message whose connection is gone will come again, so there is nothing to do."""
        try:
            super().ack_message(message)
        except (AMQPError, OSError) as error:
            log.info("message not acknowledged", service=self.container.service_name, error=str(error))

    def requeue_message(self, message: Message) -> None:
        try:
            super().requeue_message(message)
        except (AMQPError, OSError) as error:
            log.info("message not requeued", service=self.container.service_name, error=str(error))


class ReplyListener(nameko_rpc.ReplyListener):
    """Takes the replies to this process's calls."""

    queue_consumer = QueueConsumer()
