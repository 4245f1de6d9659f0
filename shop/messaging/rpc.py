"""RPC with a time-out and typed errors, on top of Nameko's.

Nameko waits for a reply without limit, sends replies persistent and confirmed, and dies of a message without a reply
address. Here a call ends in time, an error arrives as the class that was raised, and a malformed message is dropped.
"""

import inspect
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import structlog
from amqp.exceptions import AMQPError
from eventlet import Timeout
from eventlet.event import Event
from kombu.exceptions import EncodeError, OperationalError
from kombu.message import Message
from nameko import rpc as nameko_rpc
from nameko.containers import WorkerContext
from nameko.exceptions import (
    IncorrectSignature,
    MalformedRequest,
    UnserializableValueError,
    deserialize,
    serialize,
)
from nameko.messaging import HeaderEncoder

from shop.contracts.actors import Actor
from shop.contracts.errors import ServiceUnavailable, ShopError
from shop.messaging import call_routing, serialization
from shop.messaging.broker import TROUBLE
from shop.messaging.call_routing import Asked
from shop.messaging.consumer import QueueConsumer, ReplyListener
from shop.messaging.publisher import Outgoing
from shop.messaging.rabbitmq import transport
from shop.service.failpoints import Point, failpoint
from shop.service.garbage import collect_rarely
from shop.service.identity import ACTOR
from shop.service.settings import Settings

log = structlog.get_logger(__name__)

serialization.prepare()
transport.register()
collect_rarely()

# Answering calls


class RpcConsumer(nameko_rpc.RpcConsumer):
    """Takes requests from the service's queue and sends the replies."""

    queue_consumer = QueueConsumer()

    def setup(self) -> None:
        super().setup()
        self._asked = getattr(self.container.service_cls, "asked", Asked.IN_TURNS)
        if self._asked is Asked.OLDEST:
            self.queue.consumer_arguments = call_routing.priority_of_the_oldest()
        self._methods: dict[str, RpcMethod] = {}
        self._exchange = nameko_rpc.get_rpc_exchange(self.container.config).name

    def follows(self, begins: bool) -> None:
        """Be asked as the process that follows the log, or like any other, if that makes a difference."""
        if self._asked is Asked.FOLLOWER and begins != bool(self.queue.consumer_arguments):
            self.queue.consumer_arguments = call_routing.priority_of_the_latest() if begins else {}
            self.queue_consumer.consume_anew(self)

    def handle_message(self, body: Any, message: Message) -> None:
        if self._unregistered_from_queue_consumer.ready():
            # It came just before we stopped to listen, and our methods are gone: another process may have them.
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
        """Send the reply, then acknowledge the request. A reply that cannot be sent is the caller's time-out."""
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
        """With the acknowledgement, on the connection that the request came from: one goes with the other."""
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
    """Offers a method of a service over RPC. A `ShopError` is an answer like another, not a fault of the service.

    Args:
        quiet: machines ask this every few seconds, so that it is not worth a line in the log each time.
    """

    rpc_consumer = RpcConsumer()

    def __init__(self, expected_exceptions: Any = ShopError, *, quiet: bool = False, **options: Any) -> None:
        super().__init__(expected_exceptions=expected_exceptions, **options)
        self.quiet = quiet

    def setup(self) -> None:
        super().setup()
        self._signature = inspect.signature(getattr(self.container.service_cls, self.method_name))

    def check_signature(self, args: Any, kwargs: Any) -> None:
        """Raises: IncorrectSignature. Nameko's own takes the method apart for each call."""
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError as error:
            raise IncorrectSignature(str(error)) from error

    def handle_message(self, body: Any, message: Message) -> None:
        try:
            Actor.load(self.unpack_message_headers(message).get(ACTOR))
        except (TypeError, KeyError) as error:
            # The worker's dependencies would stumble over it, and that ends a service.
            raise MalformedRequest("The actor has no username and role.") from error
        super().handle_message(body, message)


rpc = RpcMethod.decorator


# Calling


class Calls(ReplyListener):
    """This process's calls to other services: sends the requests, takes the replies."""

    def setup(self) -> None:
        super().setup()
        self.seconds = Settings.of(self.container.config).rpc_timeout
        self._exchange = nameko_rpc.get_rpc_exchange(self.container.config).name
        self._sent: dict[str, Outgoing] = {}
        self.queue_consumer.returned = self._returned
        self.queue_consumer.revived = self._send_again

    def send(self, request: dict[str, Any], routing_key: str, *, reply_id: str, headers: dict[str, Any]) -> None:
        """Send a request; whoever takes it from the queue when its time is over drops it."""
        # Where this process has no queue yet, the reply would be lost.
        self.queue_consumer.wait_until_ready()
        message = Outgoing.of(
            request,
            self.container.serializer,
            self._exchange,
            routing_key,
            mandatory=True,
            expiration=self.seconds,
            reply_to=self.routing_key,
            correlation_id=reply_id,
            headers=headers,
        )
        # The reply is the confirmation.
        self.queue_consumer.publish(message)
        self._sent[reply_id] = message

    def _send_again(self) -> None:
        """Those without a reply: the connection that they were sent over is gone, and maybe they with it."""
        with suppress(*TROUBLE):
            for reply_id, message in list(self._sent.items()):
                if reply_id in self._reply_events:
                    self.queue_consumer.publish(message)

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Message) -> None:  # noqa: ARG002
        """There is no such service."""
        waiting = self._reply_events.pop(message.properties.get("correlation_id"), None)
        if waiting is not None:
            waiting.send_exception(error)

    def forget(self, reply_id: str) -> None:
        """Wait for this reply no more."""
        self._reply_events.pop(reply_id, None)
        self._sent.pop(reply_id, None)

    @property
    def under_way(self) -> int:
        """Calls whose reply has not come yet."""
        return len(self._reply_events)


class Rpc(nameko_rpc.RpcProxy):
    """Another service, as a dependency: `products = Rpc("products")`, then `self.products.quote(ids)`."""

    rpc_reply_listener = Calls()

    def get_dependency(self, worker_ctx: WorkerContext) -> "Peer":
        return Peer(worker_ctx, self.target_service, self.rpc_reply_listener)


class Peer:
    """Another service; its methods are attributes."""

    def __init__(self, worker_ctx: WorkerContext, service: str, calls: Calls) -> None:
        self._context = worker_ctx
        self._service = service
        self._calls = calls

    def __getattr__(self, method: str) -> "PeerMethod":
        if method.startswith("_"):
            raise AttributeError(method)
        return PeerMethod(self._context, self._service, method, self._calls)


class PeerMethod(HeaderEncoder):
    """A method of another service."""

    def __init__(self, worker_ctx: WorkerContext, service: str, method: str, calls: Calls) -> None:
        self._context = worker_ctx
        self._service = service
        self._method = method
        self._calls = calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call and wait for the answer.

        Raises:
            ServiceUnavailable: no answer in time, no such service, or no broker.
            ShopError: what the method raised.
            RemoteError: something that it did not mean to raise.
        """
        return self.call_async(*args, **kwargs).result()

    def call_async(self, *args: Any, **kwargs: Any) -> "Reply":
        """Call, and wait for the answer later, with `.result()`. The time-out counts from now."""
        reply = Reply(self._service, self._calls)
        try:
            with reply.unavailable_after_time_out():
                self._calls.send(
                    {"args": args, "kwargs": kwargs},
                    f"{self._service}.{self._method}",
                    reply_id=reply.id,
                    headers=self.get_message_headers(self._context),
                )
        except BaseException:
            reply.forget()
            raise
        return reply


class Reply:
    """The answer to a call that is under way."""

    def __init__(self, service: str, calls: Calls) -> None:
        self.id = str(uuid4())
        self._service = service
        self._calls = calls
        self._deadline = time.monotonic() + calls.seconds
        self._event: Event = calls.get_reply_event(self.id)

    def result(self) -> Any:
        """Wait for the answer. Raises as `PeerMethod.__call__`."""
        try:
            with self.unavailable_after_time_out():
                body = self._event.wait()
        finally:
            self.forget()
        if body.get("error"):
            raise deserialize(body["error"])
        return body["result"]

    def forget(self) -> None:
        """Stop waiting: an answer that still comes is dropped, and nothing is kept for it."""
        self._calls.forget(self.id)

    @contextmanager
    def unavailable_after_time_out(self) -> Iterator[None]:
        """Turn a time-out, a missing service and broker trouble into ServiceUnavailable."""
        try:
            # An exception of its own, since a bare Timeout is a BaseException that no caller would catch.
            with Timeout(max(0.001, self._deadline - time.monotonic()), ServiceUnavailable(self._service)):
                yield
        except (OperationalError, AMQPError, OSError) as error:
            raise ServiceUnavailable(self._service) from error
