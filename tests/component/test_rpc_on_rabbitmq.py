"""Speed and safety of calls: how messages are sent, and over which connections."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import eventlet
import pytest
from eventlet.event import Event
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError
from nameko.constants import NON_PERSISTENT
from nameko.containers import ServiceContainer
from nameko.standalone.rpc import ClusterRpcProxy
from structlog.testing import capture_logs

from event_store_svc.dependencies import LogStore
from event_store_svc.service import EventStoreService
from shop.contracts.errors import ServiceUnavailable
from shop.database.engines import sqlite_url
from shop.messaging import consumer, publisher
from shop.messaging.rabbitmq import transport as rabbitmq_transport
from shop.messaging.rpc import rpc
from shop.messaging.rpc_client import Calls, Peer, Rpc
from shop.service.background import background
from tests.component.support.patience import MOST_FOR_A_CALL, NEVER
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.wire import Wire
from tests.support.waiting import LIMIT, SOON, wait_until


class EchoService:
    name = "echoing"

    echoing = Rpc("echoing")
    working = Event()
    go_on = Event()

    echoed: ClassVar[list[Any]] = []

    @rpc
    def echo(self, value: Any) -> Any:
        self.echoed.append(value)
        return value

    @rpc
    def ask_itself(self, value: Any) -> Any:
        return self.echoing.echo(value)

    @rpc
    def take_long(self) -> None:
        self.working.send()
        self.go_on.wait()


def started(service: type, wire: Wire, **config: Any) -> Iterator[ServiceContainer]:
    container = ServiceContainer(service, config)
    container.start()
    yield container
    wire.mend()
    container.kill()


@pytest.fixture
def uri(wire: Wire) -> str:
    return f"amqp://guest:guest@127.0.0.1:{wire.port}/"


@pytest.fixture
def echoing(uri: str, wire: Wire) -> Iterator[ServiceContainer]:
    EchoService.working, EchoService.go_on = Event(), Event()
    yield from started(EchoService, wire, AMQP_URI=uri, SHOP={"rpc_timeout_seconds": MOST_FOR_A_CALL})


@pytest.fixture
def event_store(uri: str, wire: Wire, tmp_path: Path) -> Iterator[ServiceContainer]:
    yield from started(EventStoreService, wire, AMQP_URI=uri, LOG_URL=sqlite_url(tmp_path / "log.sqlite"))


@pytest.fixture
def called(rabbitmq: RabbitMQ) -> Iterator[Any]:
    with ClusterRpcProxy({"AMQP_URI": rabbitmq.uri}, timeout=LIMIT) as cluster:
        yield cluster


def copies_of(exchange: Exchange, connection: Connection) -> Any:
    """A queue that gets all that goes over an exchange."""
    queue = Queue(exchange=exchange, routing_key="#", exclusive=True, auto_delete=True)(connection.channel())
    queue.declare()
    return queue


def taken(queue: Any) -> dict[str, Any]:
    """All that is there now: properties by routing key."""
    found = {}
    while message := queue.get(no_ack=True):
        found[message.delivery_info["routing_key"]] = message.properties
    return found


def test_the_broker_keeps_a_request_for_as_long_as_somebody_waits_and_writes_neither_it_nor_its_reply_to_disk(
    echoing: ServiceContainer, called: Any, rabbitmq: RabbitMQ
) -> None:
    with Connection(rabbitmq.uri) as connection:
        copies = copies_of(Exchange("nameko-rpc", type="topic", durable=True), connection)

        called.echoing.ask_itself("hello")

        found = taken(copies)
    request = found["echoing.echo"]
    assert (request["delivery_mode"], request["expiration"]) == (NON_PERSISTENT, f"{MOST_FOR_A_CALL}000")
    assert found[request["reply_to"]]["delivery_mode"] == NON_PERSISTENT


def test_news_of_the_log_are_not_kept_through_a_restart_of_the_broker(
    event_store: ServiceContainer, rabbitmq: RabbitMQ
) -> None:
    with Connection(rabbitmq.uri) as connection:
        copies = copies_of(Exchange("event_store.events", type="topic", durable=True), connection)

        log_of(event_store)._publish({"log": "", "after": 0, "head": 0, "commits": []})

        assert taken(copies)["committed"]["delivery_mode"] == NON_PERSISTENT


def test_calls_and_replies_use_connections_that_are_there(echoing: ServiceContainer, called: Any, wire: Wire) -> None:
    called.echoing.ask_itself(0)
    before = wire.calls

    for number in range(50):
        assert called.echoing.ask_itself(number) == number

    assert wire.calls == before


def test_whoever_has_answered_does_not_wait_for_the_broker(echoing: ServiceContainer, called: Any, wire: Wire) -> None:
    called.echoing.echo(0)  # the connection for replies is there
    called.echoing.take_long.call_async()
    EchoService.working.wait()
    wire.hold()

    EchoService.go_on.send()

    wait_until(lambda: not echoing._worker_threads)


def test_a_call_to_nobody_is_refused_at_once(echoing: ServiceContainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_of(echoing), "seconds", NEVER)
    nobody = Peer(background(echoing), "nobody", calls_of(echoing))

    with pytest.raises(ServiceUnavailable, match="nobody"):
        nobody.echo(1)

    assert calls_of(echoing).under_way == 0


def test_a_call_finds_its_way_when_the_connection_comes_back_within_a_moment(
    echoing: ServiceContainer, called: Any, wire: Wire
) -> None:
    called.echoing.ask_itself(0)
    itself = Peer(background(echoing), "echoing", calls_of(echoing))
    wire.cut()
    under_way = [itself.echo.call_async(number) for number in range(3)]
    wait_until(lambda: not calls_of(echoing).queue_consumer.connected)
    eventlet.spawn(wire.mend)
    under_way += [itself.echo.call_async(3)]

    assert [reply.result() for reply in under_way] == [0, 1, 2, 3]


def test_what_has_been_answered_is_not_sent_again(echoing: ServiceContainer, called: Any, wire: Wire) -> None:
    called.echoing.ask_itself(0)
    itself = Peer(background(echoing), "echoing", calls_of(echoing))
    answered = itself.echo.call_async("once")
    wait_until(lambda: calls_of(echoing).under_way == 0)
    wire.cut()
    wait_until(lambda: not calls_of(echoing).queue_consumer.connected)
    wire.mend()

    wait_until(lambda: answers(itself))

    assert answered.result() == "once"
    assert EchoService.echoed.count("once") == 1


def test_a_call_without_a_broker_is_refused_soon_and_the_log_says_why(
    echoing: ServiceContainer, called: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    called.echoing.ask_itself(0)
    itself = Peer(background(echoing), "echoing", calls_of(echoing))
    with capture_logs() as logs:
        wire.cut()
        wait_until(lambda: "broker does not answer" in [line["event"] for line in logs])
        monkeypatch.setattr(consumer, "SECONDS_FOR_A_CONNECTION", SOON)

        with pytest.raises(ServiceUnavailable):
            itself.echo(1)

        monkeypatch.undo()
        wire.mend()
        wait_until(lambda: answers(itself))
    told = [line["event"] for line in logs if "broker" in line["event"]]
    assert told == ["connection to the broker lost", "broker does not answer", "broker is back"]


def test_a_call_is_given_up_in_time_while_the_broker_takes_nothing(
    echoing: ServiceContainer, called: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    called.echoing.ask_itself(0)
    itself = Peer(background(echoing), "echoing", calls_of(echoing))
    much = "x" * 3 * rabbitmq_transport.BYTES_WAITING
    wire.hold()
    monkeypatch.setattr(calls_of(echoing), "seconds", SOON)

    for _ in range(10):
        with pytest.raises(ServiceUnavailable):
            itself.echo(much)

    monkeypatch.undo()
    wire.mend()
    wait_until(lambda: answers(itself))


def test_the_event_store_knows_that_the_broker_has_its_news(
    event_store: ServiceContainer, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = {"log": "", "after": 0, "head": 0, "commits": []}
    log_of(event_store)._publish(news)  # the connection is there
    wire.hold()
    monkeypatch.setattr(publisher, "SECONDS_TO_SEND", SOON)

    with pytest.raises(OperationalError, match="took no message"):
        log_of(event_store)._publish(news)


def log_of(container: ServiceContainer) -> LogStore:
    return next(extension for extension in container.dependencies if isinstance(extension, LogStore))


def calls_of(container: ServiceContainer) -> Calls:
    return next(extension for extension in container.subextensions if isinstance(extension, Calls))


def answers(peer: Peer) -> bool:
    try:
        return bool(peer.echo(True))
    except ServiceUnavailable:
        return False
