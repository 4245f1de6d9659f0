"""Whether the broker works, found out by using it."""

import os
from typing import Any
from urllib.parse import urlsplit

from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError

SECONDS_TO_ANSWER = 3.0

TROUBLE = (AMQPError, OperationalError, OSError)
"""What the libraries raise when the broker is away, refuses something, or breaks off."""


class BrokerTrouble(Exception):
    """The broker cannot be used; the message says why."""


def try_broker(uri: str, seconds: float = SECONDS_TO_ANSWER) -> None:
    """Send a message through the broker and take it back. To connect is not enough: a broker that runs out of memory or
    disk lets everybody connect, and takes no messages.

    Args:
        seconds: for each answer of the broker.

    Raises:
        BrokerTrouble: it does not work.
    """
    options = {"confirm_publish": True, "read_timeout": seconds, "write_timeout": seconds}
    transport = Connection(uri, connect_timeout=seconds, transport_options=options).transport
    connection = None
    try:
        # Not Connection's own way, which tries twice and waits in between.
        connection = transport.establish_connection()
        _send_and_take(connection)
        connection.close()
    except TROUBLE as error:
        if connection:
            # Not `close`: a broker in trouble would keep us waiting for its farewell.
            connection.collect()
        raise BrokerTrouble(_reason(error)) from error


def without_password(uri: str) -> str:
    """The broker's address as people may see it."""
    parts = urlsplit(uri)
    scheme = "amqps" if parts.scheme == "amqps" else "amqp"
    address = parts.netloc.rpartition("@")[2]
    return f"{scheme}://{address}{parts.path.rstrip('/')}"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)  # eventlet's own text is the bare name
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__


def _send_and_take(connection: Any) -> None:
    channel = connection.channel()
    queue = channel.queue_declare(exclusive=True, auto_delete=True).queue
    message = channel.prepare_message("hello", content_encoding="utf-8")
    channel.basic_publish(message, exchange="", routing_key=queue)
    if channel.basic_get(queue, no_ack=True) is None:
        raise OSError("it loses messages")
