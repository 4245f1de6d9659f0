"""RPC client: calls of other services with a timeout, typed by the Protocols of `shop.contracts.api`.

Nameko waits for a reply without limit. Here a call without a reply ends with ServiceUnavailable.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, ParamSpec, TypeVar, cast
from uuid import uuid4

from amqp.exceptions import AMQPError
from eventlet import Timeout
from eventlet.event import Event
from kombu.exceptions import OperationalError
from kombu.message import Message
from nameko import rpc as nameko_rpc
from nameko.containers import WorkerContext
from nameko.exceptions import (
    deserialize,
)
from nameko.messaging import HeaderEncoder

from shop.contracts.api import SERVICE_OF
from shop.contracts.errors import ServiceUnavailable
from shop.messaging.broker import TROUBLE
from shop.messaging.consumer import ReplyListener
from shop.messaging.publisher import Outgoing
from shop.service.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


Api = TypeVar("Api")


class Calls(ReplyListener):
    """This process's calls to other services: sends requests, receives replies."""

    def setup(self) -> None:
        super().setup()
        self.seconds = Settings.of(self.container.config).rpc_timeout
        self._exchange = nameko_rpc.get_rpc_exchange(self.container.config).name
        self._sent: dict[str, Outgoing] = {}
        self.queue_consumer.returned = self._returned
        self.queue_consumer.revived = self._send_again

    def send(self, request: dict[str, Any], routing_key: str, *, reply_id: str, headers: dict[str, Any]) -> None:
        """Send a request, which expires with the call's timeout."""
        # Without the reply queue, the reply would be lost.
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
        # The reply serves as the publisher confirm.
        self.queue_consumer.publish(message)
        self._sent[reply_id] = message

    def _send_again(self) -> None:
        """Resend requests without a reply: they may be lost with their connection."""
        with suppress(*TROUBLE):
            for reply_id, message in list(self._sent.items()):
                if reply_id in self._reply_events:
                    self.queue_consumer.publish(message)

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Message) -> None:  # noqa: ARG002
        """Unroutable: the service does not exist."""
        waiting = self._reply_events.pop(message.properties.get("correlation_id"), None)
        if waiting is not None:
            waiting.send_exception(error)

    def forget(self, reply_id: str) -> None:
        """Stop waiting for this reply."""
        self._reply_events.pop(reply_id, None)
        self._sent.pop(reply_id, None)

    @property
    def under_way(self) -> int:
        """Number of calls without a reply yet."""
        return len(self._reply_events)


def rpc_client(api: type[Api]) -> Api:
    """Another service as a dependency: `orders: OrdersApi = rpc_client(OrdersApi)`, then `self.orders.get_order(id)`.

    Args:
        api: a Protocol of `shop.contracts.api`.
    """
    client: Any = Rpc(SERVICE_OF[api].value)
    return cast(Api, client)


def call_async(method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Reply[T]":
    """Call a method of another service without waiting; `.result()` waits. The timeout counts from now.

    Args:
        method: a method of an `rpc_client`, such as `self.products.quote`.
    """
    proxy: Any = method
    reply: Reply[T] = proxy.call_async(*args, **kwargs)
    return reply


class Rpc(nameko_rpc.RpcProxy):
    """Dependency provider of a `Peer`, by the service's name."""

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
        """Call and wait for the result.

        Raises:
            ServiceUnavailable: no answer in time, no such service, or no broker.
            ShopError: as raised by the method.
            RemoteError: for an unexpected exception of the method.
        """
        return self.call_async(*args, **kwargs).result()

    def call_async(self, *args: Any, **kwargs: Any) -> "Reply[Any]":
        """Call without waiting; `.result()` waits. The timeout counts from now."""
        reply: Reply[Any] = Reply(self._service, self._calls)
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


class Reply(Generic[T]):
    """A pending answer to a call."""

    def __init__(self, service: str, calls: Calls) -> None:
        self.id = str(uuid4())
        self._service = service
        self._calls = calls
        self._deadline = time.monotonic() + calls.seconds
        self._event: Event = calls.get_reply_event(self.id)

    def result(self) -> T:
        """Wait for the answer. Raises as `PeerMethod.__call__`."""
        try:
            with self.unavailable_after_time_out():
                body = self._event.wait()
        finally:
            self.forget()
        if body.get("error"):
            raise deserialize(body["error"])
        result: T = body["result"]
        return result

    def forget(self) -> None:
        """Stop waiting: a late answer is dropped, and its state is freed."""
        self._calls.forget(self.id)

    @contextmanager
    def unavailable_after_time_out(self) -> Iterator[None]:
        """Convert a timeout, a missing service and broker failures into ServiceUnavailable."""
        try:
            # An exception of its own, since a bare Timeout is a BaseException that no caller would catch.
            with Timeout(max(0.001, self._deadline - time.monotonic()), ServiceUnavailable(self._service)):
                yield
        except (OperationalError, AMQPError, OSError) as error:
            raise ServiceUnavailable(self._service) from error
