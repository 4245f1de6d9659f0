"""Short words for what the tests of the embedded broker do through kombu."""

from typing import Any

from kombu import Connection, Producer
from kombu.message import Message


def publish(channel: Any, body: Any, *, exchange: str = "", key: str = "", **options: Any) -> None:
    Producer(channel).publish(body, exchange=exchange, routing_key=key, serializer="json", **options)


def declared(channel: Any, name: str = "q", **options: Any) -> str:
    """Declare a queue that stays, and return its name."""
    channel.queue_declare(queue=name, auto_delete=False, **options)
    return name


def taken(channel: Any, queue: str = "q") -> list[Any]:
    """All that is in a queue, acknowledged."""
    messages = list(iter(lambda: channel.basic_get(queue=queue, no_ack=True), None))
    return [message.payload for message in messages]


def consuming(channel: Any, queue: str = "q", **options: Any) -> list[Message]:
    """The messages that a consumer gets, as a list that fills while events are drained."""
    received: list[Message] = []
    channel.basic_consume(queue=queue, callback=received.append, **options)
    return received


def drain(connection: Connection) -> None:
    """Act on everything that waits."""
    while True:
        try:
            connection.drain_events(timeout=0)
        except TimeoutError:
            return
