"""Sending messages to a RabbitMQ that is not always there."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import eventlet
import pytest
from amqp.exceptions import ChannelError
from kombu import Connection, Exchange, Queue
from kombu.exceptions import EncodeError, OperationalError

from shop.messaging import publisher
from shop.messaging.publisher import Sender
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.wire import Wire
from tests.support.waiting import SOON, wait_until


class Post:
    """A queue, and senders that reach it over a wire."""

    def __init__(self, broker: RabbitMQ, wire: Wire) -> None:
        name = f"post-{uuid4().hex}"
        self.wire = wire
        self.exchange = Exchange(name, type="direct", durable=False)
        self._senders: list[Sender] = []
        self._connection = Connection(broker.uri)
        self._queue = Queue(name, self.exchange, routing_key="letter", durable=False)(self._connection.channel())
        self._queue.declare()

    def sender(self) -> Sender:
        uri = f"amqp://guest:guest@127.0.0.1:{self.wire.port}/"
        self._senders.append(Sender(uri, self.exchange, "json"))
        return self._senders[-1]

    def arrived(self, number: int) -> list[Any]:
        """So many messages, as soon as they are there; sorted, for several connections keep no order."""
        found: list[Any] = []

        def all_have_come() -> bool:
            while message := self._queue.get(no_ack=True):
                found.append(message.payload)
            return len(found) >= number

        wait_until(all_have_come, f"{number} messages")
        assert len(found) == number
        return sorted(found)

    def close(self) -> None:
        for sender in self._senders:
            sender.hang_up()
        self._queue.delete()
        self._connection.release()


@pytest.fixture
def post(rabbitmq: RabbitMQ, wire: Wire) -> Iterator[Post]:
    post = Post(rabbitmq, wire)
    yield post
    post.close()


@pytest.fixture
def sender(post: Post) -> Sender:
    return post.sender()


def at_once(calls: list[Callable[[], None]]) -> None:
    for greenlet in [eventlet.spawn(call) for call in calls]:
        greenlet.wait()


def test_one_connection_serves_many_messages(post: Post, sender: Sender) -> None:
    for number in range(20):
        sender.send(number, "letter")

    assert post.arrived(20) == list(range(20))
    assert post.wire.calls == 1


def test_many_at_once_share_a_few_connections(post: Post, sender: Sender) -> None:
    at_once([lambda number=number: sender.send(number, "letter") for number in range(60)])  # type: ignore[misc]

    assert post.arrived(60) == list(range(60))
    assert post.wire.calls <= publisher.CONNECTIONS


def test_messages_find_their_way_after_all_connections_were_lost(post: Post, sender: Sender) -> None:
    at_once([lambda: sender.send(0, "letter")] * 20)
    assert post.arrived(20)
    post.wire.cut()
    post.wire.mend()

    at_once([lambda: sender.send(1, "letter")] * 20)

    assert post.arrived(20) == [1] * 20


def test_a_broker_that_comes_back_within_a_moment_is_waited_for(
    post: Post, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pauses() -> Iterator[float | None]:
        yield 0.0
        post.wire.mend()
        yield None

    sender.send(1, "letter")
    assert post.arrived(1) == [1]
    post.wire.cut()
    monkeypatch.setattr(publisher, "PAUSES", pauses())

    sender.send(2, "letter")

    assert post.arrived(1) == [2]


def test_a_broker_that_is_away_is_told_of_soon(post: Post, sender: Sender) -> None:
    post.wire.cut()

    with pytest.raises((OperationalError, OSError)):
        sender.send(1, "letter")

    post.wire.mend()
    sender.send(2, "letter")
    assert post.arrived(1) == [2]


def test_a_broker_that_does_not_answer_is_given_up_in_time_also_by_those_who_wait_for_a_connection(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = post.sender()
    sender.send(0, "letter")
    post.wire.hold()
    monkeypatch.setattr(publisher, "SECONDS_TO_SEND", SOON)
    refused = []

    def send() -> None:
        with pytest.raises(OperationalError, match=r"took no message in 0\.05 s"):
            sender.send(1, "letter")
        refused.append(1)

    at_once([send] * 30)

    assert len(refused) == 30
    monkeypatch.undo()
    post.wire.mend()
    sender.send(2, "letter")
    # Of those that were cut off, one was on its way already.
    assert post.arrived(3) == [0, 1, 2]


def test_whoever_sends_while_all_connections_are_given_up_gets_another_one(post: Post, sender: Sender) -> None:
    def send_and_hang_up(number: int) -> None:
        sender.send(number, "letter")
        sender.hang_up()

    at_once([lambda number=number: send_and_hang_up(number) for number in range(50)])  # type: ignore[misc]

    assert post.arrived(50) == list(range(50))


def test_a_message_that_nobody_takes_is_refused_if_somebody_has_to(post: Post) -> None:
    sender = post.sender()

    with pytest.raises(ChannelError, match="NO_ROUTE"):
        sender.send(1, "no such address", mandatory=True)

    sender.send(2, "letter", mandatory=True)
    assert post.arrived(1) == [2]


def test_what_no_message_can_hold_is_refused_and_costs_no_connection(post: Post, sender: Sender) -> None:
    with pytest.raises(EncodeError):
        sender.send(object(), "letter")

    sender.send(1, "letter")
    assert post.arrived(1) == [1]
    assert post.wire.calls == 1
