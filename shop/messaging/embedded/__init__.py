"""``embedded://``: an AMQP broker within this process, as a kombu transport for Nameko.

Services run on it unchanged: RPC, events and queue consumers see the queues, acknowledgements and errors they would see
on RabbitMQ. An arriving message wakes its consumer, without polling. ``embedded://`` is one broker for the whole
process, ``embedded://name`` another one. Queues live in memory and end with the process, durable or not.

All of it runs in the OS thread of eventlet's hub, and publishing never switches greenlets.
"""

from kombu.transport import TRANSPORT_ALIASES

from shop.messaging.embedded.broker import Broker, broker_at
from shop.messaging.embedded.transport import EmbeddedTransport

__all__ = ["Broker", "EmbeddedTransport", "broker_at", "register"]


def register() -> None:
    """Register the scheme ``embedded://`` with kombu. Idempotent."""
    TRANSPORT_ALIASES["embedded"] = "shop.messaging.embedded:EmbeddedTransport"
