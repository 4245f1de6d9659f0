"""Which of a gateway's connections may be closed to make room for others."""

from collections.abc import Iterator
from contextlib import contextmanager

import eventlet
from eventlet.greenio import GreenSocket
from eventlet.patcher import original

from gateway_svc.boundary.connection import HttpConnection
from gateway_svc.boundary.limits import Limits
from tests.support.waiting import wait_until

socket = original("socket")
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n"


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"well"]


@contextmanager
def connected() -> Iterator[tuple[object, HttpConnection]]:
    """A client, who lets nobody else run, and the gateway's end of the connection, which waits for a request."""
    client, gateway = socket.socketpair()
    connection = HttpConnection(GreenSocket(gateway), ("127.0.0.1", 1), app, Limits())
    serving = eventlet.spawn(connection.serve)
    wait_until(lambda: connection.is_idle, "the connection to wait")
    try:
        yield client, connection
    finally:
        client.close()
        serving.wait()


def test_a_connection_that_waits_for_a_request_is_idle():
    with connected() as (_, connection):
        assert connection.is_idle


def test_a_connection_whose_request_has_arrived_is_not_though_nobody_has_read_it():
    with connected() as (client, connection):
        client.sendall(REQUEST)

        assert not connection.is_idle


def test_a_request_that_has_arrived_is_answered_before_its_connection_is_closed():
    with connected() as (client, connection):
        client.sendall(REQUEST)

        connection.close_after_this()

        received = b""
        green = GreenSocket(client.dup())
        while more := green.recv(65536):
            received += more
        green.close()
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b"Connection: close" in received


def test_a_connection_whose_client_is_gone_is_idle():
    with connected() as (client, connection):
        client.shutdown(socket.SHUT_RDWR)

        assert connection.is_idle
