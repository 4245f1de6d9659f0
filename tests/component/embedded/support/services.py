"""Support for the tests of the embedded transport: brokers of their own, and containers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from eventlet.event import Event
from kombu import Connection, Exchange, Producer, Queue
from nameko.containers import ServiceContainer
from nameko.events import EventDispatcher
from nameko.exceptions import deserialize_to_instance
from nameko.messaging import consume
from nameko.rpc import RpcProxy, rpc
from nameko.standalone.rpc import ClusterRpcProxy
from nameko.utils.concurrency import SpawningProxy

from shop.messaging import embedded
from shop.messaging.embedded import Broker
from tests.support.waiting import LIMIT

PARCELS = Queue("parcels", Exchange("parcels", type="direct"), routing_key="parcel")


def fresh_uri() -> str:
    embedded.register()
    return f"embedded://{uuid4()}"


def broker_of(uri: str) -> Broker:
    return embedded.broker_at(uri.removeprefix("embedded://"))


@contextmanager
def running(uri: str, *services: type, **config: Any) -> Iterator[list[ServiceContainer]]:
    """Containers of the services; those that the test did not stop itself are stopped at the end."""
    containers = [ServiceContainer(service, {"AMQP_URI": uri, **config}) for service in services]
    for container in containers:
        container.start()
    try:
        yield containers
    finally:
        SpawningProxy(containers).stop()


@contextmanager
def calling(uri: str, *, timeout: float | None = LIMIT, context_data: dict[str, Any] | None = None) -> Iterator[Any]:
    with ClusterRpcProxy({"AMQP_URI": uri}, context_data, timeout) as services:
        yield services


@contextmanager
def client(uri: str, *, heartbeat: float = 0) -> Iterator[Connection]:
    embedded.register()
    with Connection(uri, heartbeat=heartbeat) as connection:
        yield connection


def ready_in(uri: str, queue: str) -> int:
    """How many messages nobody holds."""
    return broker_of(uri).queue(queue).message_count()


@deserialize_to_instance
class OutOfApples(Exception):
    """There are no apples left."""


class Fruits:
    """Answers calls."""

    name = "fruits"

    @rpc
    def echo(self, value: Any) -> Any:
        return value

    @rpc(expected_exceptions=OutOfApples)
    def apples(self) -> None:
        raise OutOfApples("none since Tuesday")


def slow_fruits(gate: Event) -> type:
    """A service that keeps some of its callers waiting until the gate is open."""

    class SlowFruits(Fruits):
        @rpc
        def echo_later(self, value: Any) -> Any:
            gate.wait()
            return value

    return SlowFruits


class Shopper:
    """Calls other services, and tells of it."""

    name = "shopper"
    fruits = RpcProxy("fruits")
    vegetables = RpcProxy("vegetables")
    dispatch = EventDispatcher()

    @rpc
    def buy(self, values: list[Any]) -> list[Any]:
        """Make all the calls at once."""
        replies = [self.fruits.echo.call_async(value) for value in values]
        return [reply.result() for reply in replies]

    @rpc
    def buy_apples(self) -> str:
        try:
            self.fruits.apples()
        except OutOfApples as error:
            return f"no apples: {error}"
        return "apples"

    @rpc
    def buy_vegetables(self) -> None:
        self.vegetables.echo("carrot")

    @rpc
    def tell(self, event_type: str, payload: Any) -> None:
        self.dispatch(event_type, payload)


def send_parcels(uri: str, *parcels: Any) -> None:
    with client(uri) as connection:
        producer = Producer(connection, PARCELS.exchange, routing_key=PARCELS.routing_key, serializer="json")
        for parcel in parcels:
            producer.publish(parcel, declare=[PARCELS])


def parcel_service(seen: list[Any], *, work: Callable[[Any], Any] = lambda parcel: None) -> type:
    """A service that takes parcels: first it notes them in `seen`, then it works on them."""

    class Parcels:
        name = "parcels"

        @consume(PARCELS)
        def take(self, parcel):
            seen.append(parcel)
            work(parcel)

    return Parcels
