"""One connection to RabbitMQ for any number of greenlets."""

import contextlib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import eventlet
import pytest
from amqp.exceptions import AMQPError
from kombu import Connection

from shop.messaging.publisher import Outgoing
from shop.messaging.rabbitmq import transport
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.wire import Wire
from tests.support.waiting import let_others_run, wait_until

transport.register()

LARGE = 5 * transport.BYTES_WAITING


class Line:
    """A channel, and a queue that what is sent on it comes to."""

    def __init__(self, uri: str, **options: Any) -> None:
        self.connection = Connection(uri, **options)
        self.channel = self.connection.channel()
        self.queue = f"line-{uuid4().hex}"
        self.channel.queue_declare(self.queue, durable=False, auto_delete=False)

    def send(self, payload: Any) -> None:
        Outgoing.of(payload, "json", "", self.queue).publish(self.channel)


def arrived(broker: RabbitMQ, line: Line, number: int) -> list[Any]:
    found: list[Any] = []
    with Connection(broker.uri) as other:
        channel = other.channel()

        def all_have_come() -> bool:
            while message := channel.basic_get(line.queue, no_ack=True):
                found.append(channel.message_to_python(message).payload)
            return len(found) >= number

        wait_until(all_have_come, f"{number} messages")
    return found


@pytest.fixture
def line(wire: Wire) -> Iterator[Line]:
    line = Line(f"amqp://guest:guest@127.0.0.1:{wire.port}/")
    yield line
    line.connection.collect()


def test_messages_of_many_greenlets_arrive_whole(rabbitmq: RabbitMQ, line: Line) -> None:
    payloads = [[number, "x" * size] for number in range(10) for size in (0, 10, 200_000)]

    for greenlet in [eventlet.spawn(line.send, payload) for payload in payloads]:
        greenlet.wait()

    assert sorted(arrived(rabbitmq, line, len(payloads))) == payloads


def test_whoever_sends_waits_while_the_broker_takes_nothing(rabbitmq: RabbitMQ, line: Line, wire: Wire) -> None:
    wire.hold()
    line.send("x" * LARGE)
    let_others_run()
    waiting = [eventlet.spawn(line.send, number) for number in range(5)]
    let_others_run(20)
    assert not any(greenlet.dead for greenlet in waiting)

    wire.mend()

    for greenlet in waiting:
        greenlet.wait()
    assert sorted(map(str, arrived(rabbitmq, line, 6))) == [*"01234", "x" * LARGE]


def test_whoever_gives_up_waiting_leaves_nothing_half_said(rabbitmq: RabbitMQ, line: Line, wire: Wire) -> None:
    wire.hold()
    line.send("x" * LARGE)
    let_others_run()
    for _ in range(3):
        sending = eventlet.spawn(line.send, "never sent")
        let_others_run()
        sending.kill()

    wire.mend()

    line.send("after it")
    assert arrived(rabbitmq, line, 2) == ["x" * LARGE, "after it"]


def test_whoever_waits_learns_that_the_connection_is_gone(line: Line, wire: Wire) -> None:
    wire.hold()
    line.send("x" * LARGE)
    let_others_run()
    waiting = eventlet.spawn(line.send, 1)
    let_others_run()

    wire.cut()
    wire.mend()

    with pytest.raises((OSError, AMQPError)):
        waiting.wait()


def test_messages_travel_through_tls(rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    with TlsWire(rabbitmq.port, tmp_path) as wire:
        line = Line(f"amqps://guest:guest@127.0.0.1:{wire.port}/", ssl={"ca_certs": wire.certificate})
        assert isinstance(line.connection.connection.transport, transport.BufferedTlsSocket)
        payloads = ["x" * size for size in (0, 10, 200_000, 3_000_000)]

        for greenlet in [eventlet.spawn(line.send, payload) for payload in payloads]:
            greenlet.wait()

        assert arrived(rabbitmq, line, len(payloads)) == payloads
        line.connection.release()


class TlsWire:
    """Takes TLS off for a broker that knows of none."""

    def __init__(self, port: int, folder: Path) -> None:
        self._server_port = port
        self.certificate = str(folder / "certificate.pem")
        key = str(folder / "key.pem")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-keyout", key, "-out", self.certificate, "-subj", "/CN=127.0.0.1"),
                *("-addext", "subjectAltName=IP:127.0.0.1"),
            ],
            check=True,
            capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)

    def __enter__(self) -> "TlsWire":
        self._listener = eventlet.listen(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = eventlet.spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._accepting.kill()
        self._listener.close()

    def _accept(self) -> None:
        near = self._context.wrap_socket(self._listener.accept()[0], server_side=True)
        with near, eventlet.connect(("127.0.0.1", self._server_port)) as far:
            back = eventlet.spawn(_pass_on, far, near)
            _pass_on(near, far)
            back.wait()


def _pass_on(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError, EOFError):
        while data := source.recv(65536):
            target.sendall(data)
