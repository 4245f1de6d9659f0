"""The HTTP boundary, spoken to byte by byte: limits of size and time hold before a worker is taken."""

import errno
import itertools
from contextlib import closing, suppress
from dataclasses import replace

import eventlet
import orjson
import pytest
from nameko.exceptions import RemoteError
from structlog.testing import capture_logs

from gateway_svc.boundary.server import HttpServer
from gateway_svc.calls import Call
from gateway_svc.fields import Body
from gateway_svc.routes import Access, route
from gateway_svc.service import GatewayService
from shop.service.validation import Text
from tests.component.support.gateway_client import free_port, read_all, running_gateway
from tests.component.support.running import configuration, running
from tests.support.waiting import SOON, let_others_run, wait_until

CONNECTIONS = 20


class Note(Body):
    text = Text(70_000, required=True)


class EchoService(GatewayService):
    """The gateway's machinery with a few routes of its own."""

    working = 0
    go_on = None

    @route("POST", "/echo", access=Access.ANYONE, body=Note)
    def echo(self, call: Call):
        """Say it again."""
        type(self).working += 1
        return {"text": call.body["text"]}

    @route("GET", "/wait", access=Access.ANYONE)
    def wait(self, _call: Call):
        """Come back when told."""
        type(self).working += 1
        type(self).go_on.wait()
        return {"text": "at last"}

    @route("GET", "/bug", access=Access.ANYONE)
    def bug(self, _call: Call):
        """Fail."""
        raise ZeroDivisionError("secret in SELECT * FROM users")

    @route("GET", "/remote-bug", access=Access.ANYONE)
    def remote_bug(self, _call: Call):
        """Fail elsewhere."""
        raise RemoteError("IntegrityError", "UNIQUE constraint failed")

    @route("GET", "/large", access=Access.ANYONE)
    def large(self, _call: Call):
        """Say a lot."""
        return {"text": "x" * 20_000_000}


@pytest.fixture(scope="module")
def running_echo_gateway(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpServer, "limits", replace(HttpServer.limits, connections=CONNECTIONS))
        with running_gateway(tmp_path_factory.mktemp("shop"), EchoService) as client:
            yield client


@pytest.fixture
def echo_gateway(running_echo_gateway):
    EchoService.working, EchoService.go_on = 0, eventlet.event.Event()
    yield running_echo_gateway
    if not EchoService.go_on.ready():
        EchoService.go_on.send()


@pytest.fixture
def limit(monkeypatch):
    """Shorten limits of connections to come, such as `limit(idle_seconds=SOON)`."""

    def shorten(**seconds):
        monkeypatch.setattr(HttpServer, "limits", replace(HttpServer.limits, **seconds))

    return shorten


def request(method="POST", path="/echo", *fields, body=b"", version="1.1", close=True):
    lines = [f"{method} {path} HTTP/{version}", "Host: shop", *fields]
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + body


def json_request(body, *fields, **options):
    return request("POST", "/echo", "Content-Type: application/json", *fields, body=body, **options)


def answer(received):
    """Status, header fields and body of the one answer that was received."""
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    return int(status_line.split()[1]), dict(line.split(": ", 1) for line in lines), body


def refused(received, status):
    """The problem in the one answer, after which the connection was closed."""
    got, fields, body = answer(received)
    assert got == status, received[:500]
    assert fields["Content-Type"] == "application/problem+json"
    assert fields["Connection"] == "close"
    problem = orjson.loads(body)
    assert problem["status"] == status
    assert problem["trace_id"] == fields["X-Trace-Id"]
    return problem


def text(length):
    return orjson.dumps({"text": "x" * (length - len('{"text":""}'))})


def test_a_body_of_the_largest_size_is_taken(echo_gateway):
    body = text(64 * 1024)

    status, _, echoed = answer(echo_gateway.raw(json_request(body, f"Content-Length: {len(body)}")))

    assert (status, echoed) == (200, body)


def test_a_larger_body_is_refused_by_its_length_alone(echo_gateway):
    with closing(echo_gateway.connect()) as sock:
        sock.sendall(json_request(b"", "Content-Length: 65537"))
        refused(read_all(sock), 413)

    assert EchoService.working == 0


@pytest.mark.parametrize("length", [10_000_000, 999_999_999_999])
def test_a_client_that_sends_ten_megabytes_sees_why_they_are_refused(echo_gateway, length):
    received = echo_gateway.raw(json_request(b"x" * 10_000_000, f"Content-Length: {length}"))

    refused(received, 413)


def test_ten_megabytes_in_chunks_are_refused_while_they_come(echo_gateway):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    received = echo_gateway.raw(json_request(chunk * 160 + b"0\r\n\r\n", "Transfer-Encoding: chunked"))

    refused(received, 413)


def test_a_body_in_small_chunks_is_put_together(echo_gateway):
    chunks = b"".join(b"1;x=y\r\n%c\r\n" % byte for byte in text(300)) + b"0\r\nTrailer: x\r\n\r\n"

    status, _, echoed = answer(echo_gateway.raw(json_request(chunks, "Transfer-Encoding: chunked")))

    assert (status, echoed) == (200, text(300))


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b"0x1\r\na\r\n",
        b"\r\n",
        b"2\r\nabc\r\n0\r\n\r\n",
        b"5" + b"0" * 400 + b"\r\n",
        b"1" * 9 + b"\r\n",
        b"0\r\n" + b"A: b\r\n" * 100 + b"\r\n",
        b"0\r\nA: " + b"b" * 3000 + b"\r\n\r\n",
    ],
)
def test_chunks_that_are_not_well_formed_are_refused(echo_gateway, chunks):
    refused(echo_gateway.raw(json_request(chunks, "Transfer-Encoding: chunked")), 400)


def test_a_slow_body_is_refused_in_time_and_never_holds_a_worker(echo_gateway, limit):
    limit(body_seconds=SOON, drain_seconds=SOON)
    with closing(echo_gateway.connect()) as sock:
        sock.sendall(json_request(b"", "Content-Length: 60000"))
        problem = refused(read_while_sending(sock, b"x"), 408)

    assert problem["detail"] == "The body took too long to arrive."
    assert EchoService.working == 0


@pytest.mark.parametrize("start", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: shop\r\nX: "])
def test_slow_header_fields_are_refused_in_time(echo_gateway, limit, start):
    limit(head_seconds=SOON, drain_seconds=SOON)
    with closing(echo_gateway.connect()) as sock:
        sock.sendall(start)
        refused(read_while_sending(sock, b"x"), 408)


def test_a_client_that_does_not_read_its_answer_is_left(echo_gateway, limit):
    limit(send_seconds=SOON)
    with closing(echo_gateway.connect()) as sock, capture_logs() as logs:
        sock.sendall(request("GET", "/large", close=False) * 3)
        wait_until(lambda: [line for line in logs if line["event"] == "client gone"], "the end of its patience")
        received = read_until_closed(sock)

    assert len(received) < 60_000_000


def test_a_connection_without_requests_is_closed_in_time(echo_gateway, limit):
    limit(idle_seconds=SOON)
    with closing(echo_gateway.connect()) as sock:
        assert read_all(sock) == b""


def test_an_address_that_is_too_long_is_refused(echo_gateway):
    refused(echo_gateway.raw(request("GET", "/" + "x" * 5000)), 414)
    refused(echo_gateway.raw(b"GET /" + b"x" * 50_000), 414)


def test_header_fields_that_are_too_long_are_refused(echo_gateway):
    refused(echo_gateway.raw(request("GET", "/healthz", "X: " + "x" * 20_000)), 431)
    refused(echo_gateway.raw(request("GET", "/healthz", *[f"X-{number}: y" for number in range(3000)])), 431)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\r\n\r\n\r\n\r\n\x00\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : shop\r\n\r\n",
        b"GET / HTTP/1.1\nHost: shop\n\n\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: shop\r\nContent-Length: 3, 3\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"GET /?q=%ff HTTP/1.1\r\nHost: shop\r\n\r\n",
    ],
    ids=range(10),
)
def test_garbage_is_refused(echo_gateway, garbage):
    refused(echo_gateway.raw(garbage), 400)


def test_a_client_that_leaves_early_harms_nobody(echo_gateway):
    for part in (b"", b"GE", request("POST", "/echo", "Content-Length: 50"), json_request(b"x", "Content-Length: 9")):
        with closing(echo_gateway.connect()) as sock:
            sock.sendall(part)

    assert echo_gateway("GET", "/healthz").status_code == 200


def test_requests_sent_all_at_once_are_answered_in_order(echo_gateway):
    bodies = [text(length) for length in (20, 30, 40)]
    requests = [json_request(body, f"Content-Length: {len(body)}", close=body is bodies[-1]) for body in bodies]

    received = echo_gateway.raw(b"".join(requests))

    positions = [received.find(body) for body in bodies]
    assert sorted(positions) == positions
    assert -1 not in positions


def test_a_flood_on_one_connection_leaves_room_for_others(echo_gateway, monkeypatch):
    flood, answered = 3000, itertools.count()
    monkeypatch.setattr("gateway_svc.app.new_trace_id", lambda: str(next(answered)))

    with closing(echo_gateway.send(request("GET", "/nothing", close=False) * flood)):
        response = echo_gateway("GET", "/healthz")

    assert response.status_code == 200
    assert next(answered) < flood / 2


def test_a_connection_serves_many_requests(echo_gateway):
    with closing(echo_gateway.connect()) as sock:
        for _ in range(3):
            sock.sendall(request("GET", "/healthz", close=False))
            status, fields, _ = answer(sock.recv(65536))
            assert (status, "Connection" in fields) == (200, False)


def test_http_1_0_is_answered_and_closed_unless_asked_otherwise(echo_gateway):
    _, fields, _ = answer(echo_gateway.raw(b"GET /healthz HTTP/1.0\r\n\r\n"))
    assert fields["Connection"] == "close"

    with closing(echo_gateway.connect()) as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert answer(sock.recv(65536))[1]["Connection"] == "keep-alive"


def test_a_client_that_asks_first_is_told_to_go_on(echo_gateway):
    body = text(50)
    with closing(echo_gateway.connect()) as sock:
        sock.sendall(json_request(b"", f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert answer(read_all(sock))[0] == 200


def test_a_client_that_asks_first_with_too_much_is_told_at_once(echo_gateway):
    with closing(echo_gateway.connect()) as sock:
        sock.sendall(json_request(b"", "Content-Length: 10000000", "Expect: 100-continue"))
        refused(read_all(sock), 413)


def test_an_unknown_expectation_is_refused(echo_gateway):
    refused(echo_gateway.raw(request("GET", "/healthz", "Expect: miracles")), 417)


def test_a_head_request_gets_the_header_fields_only(echo_gateway):
    _, get, body = answer(echo_gateway.raw(request("GET", "/healthz")))
    status, head, nothing = answer(echo_gateway.raw(request("HEAD", "/healthz")))

    assert (status, nothing) == (200, b"")
    assert head["Content-Length"] == get["Content-Length"] == str(len(body))


def test_a_field_with_an_underscore_is_not_taken_for_the_one_with_a_hyphen(echo_gateway):
    body = text(50)

    status, *_ = answer(
        echo_gateway.raw(
            request("POST", "/echo", "Content_Type: application/json", f"Content-Length: {len(body)}", body=body)
        )
    )

    assert status == 415


def test_a_fault_of_ours_says_nothing_but_its_trace_id(echo_gateway, caplog):
    for path in ("/bug", "/remote-bug"):
        status, fields, body = answer(echo_gateway.raw(request("GET", path)))
        problem = orjson.loads(body)

        assert status == 500
        assert set(problem) == {"type", "title", "status", "detail", "trace_id"}
        assert not any(word in body for word in (b"secret", b"SELECT", b"UNIQUE", b"Error:", b"Traceback"))
        assert fields["X-Trace-Id"] == problem["trace_id"]


def test_beyond_the_limit_of_connections_an_idle_one_makes_room(echo_gateway):
    idle = [echo_gateway.send(request("GET", "/healthz", close=False)) for _ in range(CONNECTIONS)]
    assert {answer(sock.recv(65536))[0] for sock in idle} == {200}

    status, *_ = answer(echo_gateway.raw(request("GET", "/healthz")))

    assert status == 200
    for sock in idle:
        sock.close()


def test_when_all_connections_work_a_newcomer_is_told_to_come_again(echo_gateway):
    busy = [echo_gateway.send(request("GET", "/wait")) for _ in range(CONNECTIONS)]
    wait_until(lambda: EchoService.working == CONNECTIONS)

    received = echo_gateway.raw(request("GET", "/healthz"))

    refused(received, 503)
    assert answer(received)[1]["Retry-After"] == "1"
    EchoService.go_on.send()
    assert {answer(read_all(sock))[0] for sock in busy} == {200}
    wait_until(lambda: answer(echo_gateway.raw(request("GET", "/healthz")))[0] == 200)


def test_when_all_workers_are_busy_a_request_waits_only_so_long(tmp_path, monkeypatch):
    EchoService.working, EchoService.go_on = 0, eventlet.event.Event()
    with running_gateway(tmp_path, EchoService, max_workers=2) as echo_gateway:
        busy = [echo_gateway.send(request("GET", "/wait")) for _ in range(2)]
        wait_until(lambda: EchoService.working == 2)
        monkeypatch.setattr("gateway_svc.routes.WAIT_FOR_WORKER", SOON)

        status, fields, _ = answer(echo_gateway.raw(request("GET", "/large")))

        assert (status, fields["Retry-After"]) == (503, "1")
        assert answer(echo_gateway.raw(request("GET", "/healthz")))[0] == 200
        EchoService.go_on.send()
        assert {answer(read_all(sock))[0] for sock in busy} == {200}


def test_an_answer_that_takes_too_long_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway_svc.routes.SECONDS_TO_ANSWER", SOON)
    EchoService.working, EchoService.go_on = 0, eventlet.event.Event()
    with running_gateway(tmp_path, EchoService) as echo_gateway:
        status, fields, _ = answer(echo_gateway.raw(request("GET", "/wait")))
        EchoService.go_on.send()

    assert (status, fields["Retry-After"]) == (503, "1")


def test_a_stop_answers_what_is_under_way_and_closes_the_rest(tmp_path):
    EchoService.working, EchoService.go_on = 0, eventlet.event.Event()
    with running_gateway(tmp_path, EchoService) as echo_gateway:
        idle, busy = echo_gateway.connect(), echo_gateway.connect()
        idle.sendall(request("GET", "/healthz", close=False))
        assert answer(idle.recv(65536))[0] == 200
        busy.sendall(request("GET", "/wait", close=False))
        wait_until(lambda: EchoService.working == 1)
        stopping = eventlet.spawn(answer_when_closed, idle)

    stopping.wait()
    status, fields, body = answer(read_all(busy))
    assert (status, fields["Connection"], orjson.loads(body)) == (200, "close", {"text": "at last"})
    with pytest.raises(ConnectionRefusedError):
        echo_gateway.connect()


def answer_when_closed(idle):
    """The gateway closes what is idle as soon as it is to stop."""
    assert read_all(idle) == b""
    EchoService.go_on.send()


def test_a_busy_port_is_an_error_that_says_so(tmp_path):
    port = free_port()
    first, second = (configuration(tmp_path, GATEWAY_ADDRESS=f"127.0.0.1:{port}") for _ in range(2))

    with (
        running(first, EchoService),
        pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}") as refused,
        running(second, EchoService),
    ):
        pass

    assert refused.value.errno == errno.EADDRINUSE


def test_no_service_behind_is_an_answer_as_well(echo_gateway):
    response = echo_gateway("GET", "/v1/categories")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"


def read_while_sending(sock, drop):
    """The bytes that come back while others trickle out."""

    def trickle():
        with suppress(OSError):
            while True:
                sock.sendall(drop)
                let_others_run()

    sender = eventlet.spawn(trickle)
    try:
        return read_all(sock)
    finally:
        sender.kill()


def read_until_closed(sock):
    try:
        return read_all(sock)
    except ConnectionResetError:
        return b""
