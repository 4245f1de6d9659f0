"""Whether the broker works, found out by using it."""

import os
import re
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError

SECONDS_TO_ANSWER = 3.0

NEXT_BROKER = re.compile(r";(?=[a-z+]+://)")

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
    """The broker's address, or several with semicolons between them, as people may see it."""
    return ";".join(_without_password(one) for one in NEXT_BROKER.split(uri))


def _without_password(uri: str) -> str:
    """Up to the last @, for a password may have characters in it that end an address."""
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
