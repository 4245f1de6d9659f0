"""RPC server: the methods that a service offers over RPC, on top of Nameko's.

Nameko sends replies persistent and confirmed, and crashes on a message without a reply address. Here a reply is sent
once, an error arrives as the class that was raised, and a malformed message is dropped. The client is in
`rpc_client.py`.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

import structlog
from kombu.exceptions import EncodeError
from kombu.message import Message
from nameko import rpc as nameko_rpc
from nameko.exceptions import (
    IncorrectSignature,
    MalformedRequest,
    UnserializableValueError,
    serialize,
)

from shop.contracts.actors import Actor
from shop.contracts.errors import ShopError
from shop.messaging import call_routing
from shop.messaging.call_routing import CallRouting
from shop.messaging.consumer import QueueConsumer
from shop.messaging.publisher import Outgoing
from shop.service.failpoints import Point, failpoint
from shop.service.identity import ACTOR

log = structlog.get_logger(__name__)


F = TypeVar("F", bound=Callable[..., Any])


class RpcConsumer(nameko_rpc.RpcConsumer):
    """Consumes requests from the service's queue and sends the replies."""

    queue_consumer = QueueConsumer()

    def setup(self) -> None:
        super().setup()
        self._asked = getattr(self.container.service_cls, "asked", CallRouting.IN_TURNS)
        if self._asked is CallRouting.OLDEST:
            self.queue.consumer_arguments = call_routing.priority_of_the_oldest()
        self._methods: dict[str, RpcMethod] = {}
        self._exchange = nameko_rpc.get_rpc_exchange(self.container.config).name

    def follows(self, begins: bool) -> None:
        """Consume with the leader's priority, or without, if that makes a difference."""
        if self._asked is CallRouting.FOLLOWER and begins != bool(self.queue.consumer_arguments):
            self.queue.consumer_arguments = call_routing.priority_of_the_latest() if begins else {}
            self.queue_consumer.consume_anew(self)

    def handle_message(self, body: Any, message: Message) -> None:
        if self._unregistered_from_queue_consumer.ready():
            # It arrived just before the consumer stopped, and the methods are gone: requeue for another process.
            self.queue_consumer.requeue_message(message)
            return
        if not isinstance(body, dict) or not message.properties.get("reply_to"):
            log.warning("malformed request dropped", service=self.container.service_name)
            self.queue_consumer.ack_message(message)
            return
        super().handle_message(body, message)

    def get_provider_for_method(self, routing_key: str) -> Any:
        if routing_key not in self._methods:
            self._methods[routing_key] = super().get_provider_for_method(routing_key)
        return self._methods[routing_key]

    def handle_result(self, message: Message, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Send the reply, then acknowledge the request. A reply that cannot be sent becomes the caller's timeout."""
        method = message.delivery_info["routing_key"]
        try:
            failpoint(Point.BEFORE_REPLY, [method])
            self._reply(message, result, exc_info)
            failpoint(Point.AFTER_REPLY, [method])
        except Exception as error:  # noqa: BLE001 - whatever it is, one caller without a reply must not end the service
            log.warning("reply lost", service=self.container.service_name, error=str(error))
        self.queue_consumer.ack_message(message)
        return result, exc_info

    def _reply(self, message: Message, result: Any, exc_info: Any) -> None:
        """On the request's connection, together with the acknowledgement: both succeed or fail."""
        error = serialize(exc_info[1]) if exc_info else None
        try:
            reply = self._packed(message, {"result": result, "error": error})
        except (EncodeError, TypeError):
            reply = self._packed(message, {"result": None, "error": serialize(UnserializableValueError(result))})
        reply.publish(message.channel)

    def _packed(self, message: Message, reply: dict[str, Any]) -> Outgoing:
        properties = message.properties
        serializer, correlation_id = self.container.serializer, properties.get("correlation_id")
        return Outgoing.of(reply, serializer, self._exchange, properties["reply_to"], correlation_id=correlation_id)


class RpcMethod(nameko_rpc.Rpc):
    """Offers a method of a service over RPC. A `ShopError` is a normal answer, not a fault of the service.

    Args:
        quiet: not logged, for methods that machines call every few seconds.
    """

    rpc_consumer = RpcConsumer()

    def __init__(self, expected_exceptions: Any = ShopError, *, quiet: bool = False, **options: Any) -> None:
        super().__init__(expected_exceptions=expected_exceptions, **options)
        self.quiet = quiet

    def setup(self) -> None:
        super().setup()
        self._signature = inspect.signature(getattr(self.container.service_cls, self.method_name))

    def check_signature(self, args: Any, kwargs: Any) -> None:
        """Raises: IncorrectSignature. Nameko's own check inspects the method on each call."""
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError as error:
            raise IncorrectSignature(str(error)) from error

    def handle_message(self, body: Any, message: Message) -> None:
        try:
            Actor.load(self.unpack_message_headers(message).get(ACTOR))
        except (TypeError, KeyError) as error:
            # The worker's dependencies would fail on it, which ends a service.
            raise MalformedRequest("The actor has no username and role.") from error
        super().handle_message(body, message)


@overload
def rpc(method: F, /) -> F: ...
@overload
def rpc(*, quiet: bool = False) -> Callable[[F], F]: ...
def rpc(method: F | None = None, /, *, quiet: bool = False) -> F | Callable[[F], F]:
    """Offer a method of a service over RPC. `quiet` is that of `RpcMethod`."""
    decorate: Callable[[F], F] = RpcMethod.decorator(quiet=quiet)
    return decorate if method is None else decorate(method)
