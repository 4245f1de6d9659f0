"""Process-wide setup of messaging, before the first message is sent or received."""

from functools import cache

from shop.messaging import serialization
from shop.messaging.rabbitmq import transport
from shop.service.garbage import collect_rarely


@cache
def prepare() -> None:
    """Set up JSON and errors on the wire, the transport for RabbitMQ, and the garbage collector; once in a process."""
    serialization.prepare()
    transport.register()
    collect_rarely()
