"""The gateway's client, against a server that does whatever servers do."""

import json
import socket
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from shop.http.client import Caller, GatewayClient, GatewayUnavailable, Problem
from tests.support.waiting import SOON, TEST_LIMIT, wait_until


class Answering(BaseHTTPRequestHandler):
    """Answers as the server's script says: `(status, headers, body)`, or a function that gets the handler."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        step = self.server.script.pop(0) if len(self.server.script) > 1 else self.server.script[0]
        if callable(step):
            step(self)
            return
        status, headers, body = step
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that the base class calls

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    server.seen, server.script = [], [(200, {"Content-Type": "application/json"}, b"{}")]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(server):
    with closing(GatewayClient(f"http://127.0.0.1:{server.server_port}", seconds_to_answer=2 * TEST_LIMIT)) as client:
        yield client


def hang_up(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def problem(status, **told):
    return (status, {"Content-Type": "application/problem+json"}, json.dumps(told).encode())


def test_a_call_carries_who_asks_what_and_where_from(server, client):
    caller = Caller(token="abc", address="192.0.2.7")

    asked = {"query": {"a": "b c"}, "body": {"é": 1}, "headers": {"If-Match": "x"}}
    reply = client.call("POST", "/v1/orders", caller=caller, **asked)

    method, path, headers, body = server.seen[0]
    assert (method, path, json.loads(body)) == ("POST", "/v1/orders?a=b+c", {"é": 1})
    assert headers["Authorization"] == "Bearer abc"
    assert headers["X-Forwarded-For"] == "192.0.2.7"
    assert (headers["Content-Type"], headers["If-Match"]) == ("application/json", "x")
    assert reply.json == {}


def test_one_connection_serves_one_call_after_another(server, client):
    ports = set()

    def note(handler):
        ports.add(handler.client_address[1])
        handler.send_response(204)
        handler.end_headers()

    server.script = [note]

    for _ in range(3):
        assert client.call("GET", "/").json is None

    assert len(ports) == 1


def test_a_problem_says_what_the_gateway_said(server, client):
    told = {"type": "urn:shop:problem:username-taken", "detail": "This username is taken.", "trace_id": "t1"}
    server.script = [problem(409, **told, errors={"username": ["taken"]})]

    with pytest.raises(Problem) as refused:
        client.call("POST", "/v1/customers", body={})

    found = refused.value
    assert (found.status, found.kind, found.detail) == (409, "username-taken", "This username is taken.")
    assert (found.errors, found.trace_id, found.retry_after) == ({"username": ["taken"]}, "t1", None)


def test_a_problem_says_when_to_come_back(server, client):
    server.script = [(429, {"Retry-After": "17"}, b"not even JSON")]

    with pytest.raises(Problem) as refused:
        client.call("POST", "/v1/sessions", body={})

    assert (refused.value.status, refused.value.retry_after) == (429, 17)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_service_that_does_not_answer_is_unavailable(server, client, status):
    server.script = [problem(status)]

    with pytest.raises(GatewayUnavailable):
        client.call("GET", "/v1/products")

    assert len(server.seen) == 1, "the gateway has waited already"


def test_an_answer_that_is_not_json_is_none(server, client):
    server.script = [(200, {"Content-Type": "text/html"}, b"<h1>Welcome to nginx</h1>")]

    with pytest.raises(GatewayUnavailable, match="text/html"):
        _ = client.call("GET", "/").json


def test_a_redirection_is_not_followed(server, client):
    server.script = [(302, {"Location": "http://127.0.0.1:1/"}, b"")]

    with pytest.raises(Problem) as refused:
        client.call("GET", "/")

    assert refused.value.status == 302


@pytest.mark.parametrize(("method", "headers"), [("GET", {}), ("POST", {"Idempotency-Key": "abc"})])
def test_what_can_be_repeated_survives_a_connection_that_was_closed(server, client, method, headers):
    server.script = [hang_up, (200, {"Content-Type": "application/json"}, b'{"done": true}')]

    assert client.call(method, "/", headers=headers).json == {"done": True}
    assert len(server.seen) == 2


def test_what_cannot_be_repeated_is_not(server, client):
    server.script = [hang_up]

    with pytest.raises(GatewayUnavailable):
        client.call("POST", "/", body={})

    assert len(server.seen) == 1


def test_a_server_that_always_hangs_up_is_tried_twice(server, client):
    server.script = [hang_up]

    with pytest.raises(GatewayUnavailable):
        client.call("GET", "/")

    assert len(server.seen) == 2


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(server):
    done = Event()
    server.script = [lambda _: done.wait()]
    tries = []

    def seen():
        """Where the machine is busy, the time may be over before the request has arrived."""
        tries.append("/")
        impatient = GatewayClient(f"http://127.0.0.1:{server.server_port}", seconds_to_answer=SOON)
        with pytest.raises(GatewayUnavailable), closing(impatient):
            impatient.call("GET", "/")
        return server.seen

    try:
        wait_until(seen, "the request")
    finally:
        done.set()

    assert len(server.seen) <= len(tries), "another try would make it worse"


def test_a_call_waits_no_longer_than_it_is_told_to(server, client):
    done = Event()
    server.script = [lambda _: done.wait()]

    try:
        with pytest.raises(GatewayUnavailable):
            client.call("GET", "/", seconds=SOON)
    finally:
        done.set()


def test_nobody_listening_is_unavailable():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = GatewayClient(f"http://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(GatewayUnavailable), closing(client):
            client.call("GET", "/")


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http:///v1"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="not the address of a gateway"):
        GatewayClient(url)


def test_a_token_is_not_in_what_is_logged():
    assert "abc" not in repr(Caller(token="abc"))
