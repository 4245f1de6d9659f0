"""Health check of the broker, by sending a message through it."""

import os
import re
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError

SECONDS_TO_ANSWER = 3.0

NEXT_BROKER = re.compile(r";(?=[a-z+]+://)")

TROUBLE = (AMQPError, OperationalError, OSError)
"""Errors of the libraries when the broker is down, refuses an operation, or closes the connection."""


class BrokerTrouble(Exception):
    """The broker cannot be used; the message has the reason."""


def try_broker(uri: str, seconds: float = SECONDS_TO_ANSWER) -> None:
    """Send a message through the broker and receive it.

    A connection alone proves too little: a broker without memory or disk space accepts connections, and blocks
    messages.

    Args:
        seconds: timeout of each answer of the broker.

    Raises:
        BrokerTrouble: the check failed.
    """
    options = {"confirm_publish": True, "read_timeout": seconds, "write_timeout": seconds}
    transport = Connection(uri, connect_timeout=seconds, transport_options=options).transport
    connection = None
    try:
        # Not Connection's own method, which tries twice with a pause.
        connection = transport.establish_connection()
        _send_and_take(connection)
        connection.close()
    except TROUBLE as error:
        if connection:
            # Not `close`, which waits for a reply of the broker.
            connection.collect()
        raise BrokerTrouble(_reason(error)) from error


def without_password(uri: str) -> str:
    """The broker's address, or several separated by semicolons, without passwords."""
    return ";".join(_without_password(one) for one in NEXT_BROKER.split(uri))


def _without_password(uri: str) -> str:
    """Splits at the last @, since a password may contain characters that end an address."""
    scheme, _, rest = uri.rpartition("://")
    address = rest.rpartition("@")[2].partition("?")[0].rstrip("/")
    return f"{'amqps' if scheme == 'amqps' else 'amqp'}://{address}"


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
