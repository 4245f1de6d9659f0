"""The load generator, on servers made up for it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import eventlet
import pytest

from tests.support.clock import FakeClock
from tests.support.waiting import let_others_run, wait_until
from tools.load import generator
from tools.load.connection import ClientConnection
from tools.load.generator import closed_loop, open_loop
from tools.load.tally import Tally, percentile

Serve = Callable[[socket.socket], None]

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n[1,2,3]"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n4;x=y\r\n2,3]\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextmanager
def server(serve: Serve) -> Iterator[str]:
    """Has each connection served like this; its address."""
    listening = eventlet.listen(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            eventlet.spawn(serve, listening.accept()[0])

    accepting = eventlet.spawn(accept)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        accepting.kill()
        listening.close()


def answering(*answers: bytes) -> Serve:
    """One of the answers to each request in turn, then the end of the connection."""

    def serve(sock: socket.socket) -> None:
        for answer in answers:
            if not sock.recv(65536):
                return
            sock.sendall(answer)
        sock.close()

    return serve


def get(connection: ClientConnection) -> int:
    return connection.get("/").status


def test_answers_with_a_length_in_chunks_and_without_a_body_are_read_from_one_connection() -> None:
    with server(answering(PLAIN, CHUNKED, EMPTY, PLAIN)) as url:
        connection = ClientConnection(url)
        answers = [connection.get("/") for _ in range(4)]

    assert [(answer.status, answer.json) for answer in answers] == [
        (200, [1, 2, 3]),
        (201, [1, 2, 3]),
        (204, None),
        (200, [1, 2, 3]),
    ]


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    with server(answering(PLAIN)) as url:
        connection = ClientConnection(url)

        assert [connection.get("/").status for _ in range(3)] == [200, 200, 200]


def test_a_server_that_hangs_up_on_a_new_connection_is_an_error() -> None:
    with server(lambda sock: sock.close()) as url, pytest.raises(OSError, match=r"hung up|reset"):
        ClientConnection(url).get("/")


def test_an_order_carries_its_token_and_key() -> None:
    heard: list[bytes] = []

    def serve(sock: socket.socket) -> None:
        heard.append(sock.recv(65536))
        sock.sendall(PLAIN)

    with server(serve) as url:
        ClientConnection(f"{url}/shop").post("/v1/orders", {"a": 1}, "secret", Idempotency_Key="one")

    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /shop/v1/orders HTTP/1.1\r\n")
    assert {b"Authorization: Bearer secret", b"Idempotency-Key: one", b"Content-Length: 7"} <= set(head.split(b"\r\n"))
    assert body == b'{"a":1}'


def test_in_a_closed_loop_each_client_waits_for_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    tally, clock, under_way = Tally(), FakeClock(), []
    monkeypatch.setattr(generator, "time", clock)

    def serve(sock: socket.socket) -> None:
        while sock.recv(65536):
            under_way.append(sock)
            assert len(under_way) <= 4
            let_others_run()
            clock.turn(0.1)
            under_way.remove(sock)
            sock.sendall(PLAIN)

    with server(serve) as url:
        closed_loop(url, get, tally, clients=4, seconds=1.95)

    assert tally.statuses.keys() == {200}
    assert 20 <= len(tally.seconds) < 20 + 4


def test_in_an_open_loop_requests_are_made_whether_answers_come_or_not() -> None:
    tally, arrived = Tally(), []

    def serve(sock: socket.socket) -> None:
        arrived.append(sock.recv(65536))
        wait_until(lambda: len(arrived) == 30, "all requests")
        sock.sendall(PLAIN)

    with server(serve) as url:
        open_loop(url, get, tally, rate=100, seconds=0.3)

    assert tally.statuses == {200: 30}


def test_what_a_request_waited_for_its_turn_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    tally, clock = Tally(), FakeClock()

    def wake_late(seconds: float) -> None:
        clock.turn(seconds + 0.2)

    monkeypatch.setattr(generator, "time", clock)
    monkeypatch.setattr(generator, "eventlet", SimpleNamespace(spawn=eventlet.spawn, sleep=wake_late))
    open_loop("http://127.0.0.1", lambda _: 200, tally, rate=50, seconds=0.1)

    assert len(tally.seconds) == 5
    assert min(tally.seconds) >= 0.2


def test_requests_without_an_answer_are_failures() -> None:
    tally = Tally()
    with server(lambda sock: sock.close()) as url:
        open_loop(url, get, tally, rate=50, seconds=0.1)

    assert tally.failed == len(tally.seconds) == 5


def test_a_percentile_is_one_of_the_values() -> None:
    values = [0.1 * number for number in range(1, 11)]

    assert [percentile(values, percent) for percent in (0, 50, 95, 100)] == [values[0], values[5], values[9], values[9]]
    assert percentile([], 50) == 0.0
