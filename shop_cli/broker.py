"""The operator's access to a shop of many processes: calls over the broker, as Nameko makes them.

Calls carry no actor and so have an operator's rights. Access to the broker is full access to the shop.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from amqp.exceptions import NotFound
from kombu import Connection, Consumer, Queue
from kombu.message import Message
from nameko.rpc import RPC_QUEUE_TEMPLATE, get_rpc_exchange

from shop.contracts.errors import ServiceUnavailable
from shop.messaging.broker import TROUBLE, BrokerTrouble, try_broker, without_password
from shop.messaging.publisher import Sender
from shop_cli.client import Client, load_error
from shop_cli.refusal import Refusal

SECONDS_TO_ANSWER = 10.0


class BrokerClient(Client):
    """Calls services over the broker. After a connection error, the next call reconnects.

    Args:
        seconds: how long to wait for an answer.
    """

    def __init__(self, config: dict[str, Any], seconds: float = SECONDS_TO_ANSWER) -> None:
        self._seconds = seconds
        self._uri: str = config["AMQP_URI"]
        self._exchange = get_rpc_exchange(config)
        self._sender = Sender(self._uri, self._exchange, "json")
        self._connection: Connection | None = None
        self._replies: dict[str, Any] = {}

    @classmethod
    def of(cls, config: dict[str, Any], seconds: float = SECONDS_TO_ANSWER) -> "BrokerClient":
        """Raises: Refusal, if no broker answers."""
        try:
            try_broker(config["AMQP_URI"])
        except BrokerTrouble as error:
            address = without_password(config["AMQP_URI"])
            raise Refusal(f"No broker answers at {address}: {error}.") from error
        return cls(config, seconds)

    def call(self, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        with self._unavailable_in_trouble(service):
            body = self._answer(f"{service}.{method}", {"args": args, "kwargs": kwargs})
        if body is None:
            raise ServiceUnavailable(service)
        if error := body.get("error"):
            raise load_error({"type": error["exc_type"], "args": error["exc_args"], "text": error["value"]})
        return body["result"]

    def processes(self, service: str) -> int | None:
        with self._unavailable_in_trouble(service), self._connected().channel() as channel:
            try:
                found = channel.queue_declare(RPC_QUEUE_TEMPLATE.format(service), passive=True)
            except NotFound:
                return 0
            return int(found.consumer_count)

    def close(self) -> None:
        if self._connection:
            self._connection.release()
        self._connection = None
        self._sender.hang_up()

    def _answer(self, routing_key: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """The reply; None after a timeout."""
        connection, reply_id = self._connected(), uuid4().hex
        self._sender.send(
            request,
            routing_key,
            mandatory=True,
            expiration=self._seconds,
            reply_to=self._queue.routing_key,
            correlation_id=reply_id,
        )
        self._replies = {}
        deadline = time.monotonic() + self._seconds
        while reply_id not in self._replies and (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=left)
        reply: dict[str, Any] | None = self._replies.get(reply_id)
        return reply

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = Connection(self._uri, connect_timeout=self._seconds)
            address = uuid4().hex
            name = f"rpc.reply-shop-{address}"
            self._queue = Queue(name, exchange=self._exchange, routing_key=address, exclusive=True, auto_delete=True)
            consumer = Consumer(connection, [self._queue], accept=["json"], no_ack=True, on_message=self._take)
            consumer.consume()
            self._connection = connection
        return self._connection

    def _take(self, message: Message) -> None:
        self._replies[message.properties.get("correlation_id", "")] = message.payload

    @contextlib.contextmanager
    def _unavailable_in_trouble(self, service: str) -> Iterator[None]:
        try:
            yield
        except TROUBLE as error:
            if self._connection:
                self._connection.collect()
            self._connection = None
            raise ServiceUnavailable(service) from error
