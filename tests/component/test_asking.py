"""Several processes of a service, of which one is asked rather than the others."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from eventlet.event import Event
from nameko.containers import ServiceContainer
from nameko.standalone.rpc import ClusterRpcProxy

from event_store_svc.service import EventStoreService
from order_svc.service import OrdersService
from shop.database.engines import sqlite_url
from shop.event_sourcing.subscription import Subscription
from shop.messaging import call_routing
from shop.messaging.call_routing import CallRouting
from shop.messaging.rpc import RpcConsumer, rpc
from tests.servers.rabbitmq import RabbitMQ
from tests.support.waiting import LIMIT, wait_until

Start = Callable[..., ServiceContainer]


class Older:
    name = "sought"
    asked = CallRouting.OLDEST

    busy: ClassVar[list[Any]] = []
    go_on: ClassVar[Event] = Event()

    @rpc
    def who(self) -> str:
        return type(self).__name__

    @rpc
    def wait(self) -> str:
        self.busy.append(self)
        self.go_on.wait()
        return self.who()


class Younger(Older):
    pass


@pytest.fixture
def start(rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a process of a service, as it were: all of them are in this one, and say when they began."""
    containers = []

    def start(service: type, *, began: int, **config: Any) -> ServiceContainer:
        monkeypatch.setattr(call_routing, "BEGAN", began)
        container = ServiceContainer(service, {"AMQP_URI": rabbitmq.uri, **config})
        containers.append(container)
        container.start()
        return container

    yield start
    for container in containers:
        container.kill()


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    return {
        "LOG_URL": sqlite_url(tmp_path / "log.sqlite"),
        "DB_URIS": {"orders:ReadModel": sqlite_url(tmp_path / "orders.sqlite")},
    }


@pytest.fixture
def called(rabbitmq: RabbitMQ) -> Iterator[Any]:
    with ClusterRpcProxy({"AMQP_URI": rabbitmq.uri}, timeout=LIMIT) as cluster:
        yield cluster


def test_the_oldest_is_asked_whoever_listens_first(start: Start, called: Any) -> None:
    start(Younger, began=2000)
    start(Older, began=1000)

    assert {called.sought.who() for _ in range(20)} == {"Older"}


def test_others_are_asked_while_it_has_all_it_can_take(start: Start, called: Any) -> None:
    Older.busy, Older.go_on = [], Event()
    start(Younger, began=2000)
    start(Older, began=1000, max_workers=2)
    waiting = [called.sought.wait.call_async() for _ in range(2)]
    wait_until(lambda: len(Older.busy) == 2)

    assert {called.sought.who() for _ in range(5)} == {"Younger"}

    Older.go_on.send()
    assert [call.result() for call in waiting] == ["Older", "Older"]
    assert called.sought.who() == "Older"


def test_another_is_asked_once_it_has_gone(start: Start, called: Any) -> None:
    start(Younger, began=2000)
    older = start(Older, began=1000)
    assert called.sought.who() == "Older"

    older.stop()

    assert called.sought.who() == "Younger"


def test_one_event_store_gets_all_that_is_to_be_written(start: Start, called: Any, config: dict[str, Any]) -> None:
    younger, older = (start(EventStoreService, began=began, **config) for began in (2000, 1000))
    asked = {container: calls_of(container, "head") for container in (younger, older)}

    for _ in range(20):
        called.event_store.head()

    assert (len(asked[younger]), len(asked[older])) == (0, 20)


def test_the_process_of_orders_that_follows_the_log_is_asked(start: Start, called: Any, config: dict[str, Any]) -> None:
    start(EventStoreService, began=1000, **config)
    first = start(OrdersService, began=3000, HOLDER="first", **config)
    wait_until(lambda: follows(first))
    second = start(OrdersService, began=2000, HOLDER="second", **config)
    asked = {container: calls_of(container, "status") for container in (first, second)}

    for _ in range(20):
        called.orders.status()
    assert (len(asked[first]), len(asked[second])) == (20, 0)

    first.stop()
    wait_until(lambda: follows(second))
    assert called.orders.status()["ready"]


def test_of_two_that_believe_they_follow_the_log_the_last_to_begin_is_asked(start: Start, called: Any) -> None:
    """The one before may be frozen, and unable to say that it is not the one any more."""
    older, younger = start(Following, began=1000), start(FollowingNow, began=2000)
    in_turns = {"Following", "FollowingNow"}
    assert {called.sought.who() for _ in range(20)} == in_turns

    younger_begins = rpc_consumer_of(younger).follows
    rpc_consumer_of(older).follows(True)
    wait_until(lambda: {called.sought.who() for _ in range(20)} == {"Following"})
    younger_begins(True)
    wait_until(lambda: {called.sought.who() for _ in range(20)} == {"FollowingNow"})

    younger_begins(False)
    wait_until(lambda: {called.sought.who() for _ in range(20)} == {"Following"})
    rpc_consumer_of(older).follows(False)
    wait_until(lambda: {called.sought.who() for _ in range(20)} == in_turns)


class Following(Older):
    asked = CallRouting.FOLLOWER


class FollowingNow(Following):
    pass


def rpc_consumer_of(container: ServiceContainer) -> RpcConsumer:
    (consumer,) = (one for one in container.shared_extensions.values() if type(one) is RpcConsumer)
    return consumer


def follows(container: ServiceContainer) -> bool:
    return any(one.runner.active for one in container.shared_extensions.values() if isinstance(one, Subscription))


def calls_of(container: ServiceContainer, method: str) -> list[Any]:
    """The calls of a method there, from now on."""
    calls, spawn = [], container.spawn_worker

    def spawn_worker(entrypoint: Any, *args: Any, **kwargs: Any) -> Any:
        if entrypoint.method_name == method:
            calls.append(args)
        return spawn(entrypoint, *args, **kwargs)

    container.spawn_worker = spawn_worker
    return calls
