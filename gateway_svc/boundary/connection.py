"""One client's connection: sequential requests, each read whole before the application is called."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from socket import SHUT_RDWR, SHUT_WR
from typing import Any

import eventlet
import structlog
from eventlet.greenio import GreenSocket
from werkzeug.exceptions import HTTPException, RequestTimeout, ServiceUnavailable
from werkzeug.http import http_date

from gateway_svc import metrics
from gateway_svc.boundary.head import Head
from gateway_svc.boundary.limits import Limits
from gateway_svc.boundary.wire import Disconnected, Wire
from gateway_svc.problems import new_trace_id, problem_response

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

ABOUT_THE_BODY = {"content-type", "content-length", "transfer-encoding"}

log = structlog.get_logger(__name__)


class HttpConnection:
    """Serves one client until it disconnects, breaks the protocol, or the server stops.

    Args:
        app: the WSGI application; `wsgi.input` holds the whole body when it is called.
    """

    def __init__(self, sock: GreenSocket, address: tuple[Any, ...], app: Application, limits: Limits) -> None:
        self._sock = sock
        self._address = address
        self._app = app
        self._limits = limits
        self._wire = Wire(sock, limits)
        self._last_request = False
        self._waits = False

    @property
    def is_idle(self) -> bool:
        """Whether no request is in progress. An arrived request is in progress even if its bytes are not read yet."""
        return self._waits and not self._wire.has_arrived

    def serve(self) -> None:
        """Answer the client's requests. Never raises, since that would stop the whole service."""
        try:
            while self._serve_one():
                pass
        except (Disconnected, OSError) as error:
            log.debug("client gone", client=self._address[0], reason=str(error))
        except Exception:
            log.exception("connection failed", client=self._address[0])
        finally:
            self._sock.close()

    def refuse(self) -> None:
        """Answer that there are too many connections, and close."""
        try:
            self._send_refusal(ServiceUnavailable("Too many connections.", retry_after=1))
        except (Disconnected, OSError) as error:
            log.debug("client gone", client=self._address[0], reason=str(error))
        finally:
            self._sock.close()

    def close_after_this(self) -> None:
        """Finish the request in progress, if any, and close."""
        self._last_request = True
        if self.is_idle:
            self._shut_down(SHUT_RDWR)

    def _serve_one(self) -> bool:
        """Returns: whether another request may follow."""
        if not self._request_begins():
            return False
        try:
            head, body = self._read_request()
        except HTTPException as refusal:
            self._send_refusal(refusal)
            return False
        status, headers, content = self._ask(self._environ(head, body))
        keep = head.keeps_alive and not self._last_request
        self._send(status, headers, content, keep=keep, version=head.version)
        return keep

    def _request_begins(self) -> bool:
        """Wait for the first byte. Returns: whether it came."""
        if self._last_request:
            return False
        self._waits = not self._wire.has_more
        if not self._waits:
            eventlet.sleep(0)  # yield: a client that sends without pause must not starve the others
        with eventlet.Timeout(self._limits.idle_seconds, exception=False), suppress(Disconnected):
            self._wire.wait()
            self._waits = False
        return not self._waits

    def _read_request(self) -> tuple[Head, bytes]:
        """Raises: HTTPException, on malformed or slow requests."""
        with eventlet.Timeout(self._limits.head_seconds, RequestTimeout("The header took too long to arrive.")):
            head = self._wire.read_head()
        length = head.body_length
        self._wire.require_space(length)
        with eventlet.Timeout(self._limits.body_seconds, RequestTimeout("The body took too long to arrive.")):
            if head.expects_continue and length != 0 and not self._wire.has_more:
                self._sock.sendall(CONTINUE)
            return head, self._wire.read_body(length)

    def _environ(self, head: Head, body: bytes) -> dict[str, Any]:
        """The WSGI environment (PEP 3333)."""
        environ = {
            "REQUEST_METHOD": head.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": head.path.encode().decode("latin-1"),
            "QUERY_STRING": head.query,
            "CONTENT_TYPE": head.fields.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "gateway",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": f"HTTP/{head.version[0]}.{head.version[1]}",
            "REMOTE_ADDR": self._address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in head.fields.items():
            # WSGI would confuse a name with an underscore with the one with a hyphen.
            if "_" not in name and name not in ABOUT_THE_BODY:
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return environ

    def _ask(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        """The application's answer: status line, header fields and body."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:  # noqa: ARG001
            started[:] = [(status, headers)]

        body = b"".join(self._app(environ, start_response))
        return *started[0], body

    def _send_refusal(self, refusal: HTTPException) -> None:
        """Answer a request that was not read to its end, and close."""
        trace_id = new_trace_id()
        response = problem_response(refusal, trace_id)
        metrics.count_refusal(response.status_code)
        log.info("refused", client=self._address[0], status=response.status_code, trace_id=trace_id)
        self._send(response.status, list(response.headers), response.get_data(), keep=False, version=(1, 1))
        self._read_on()

    def _send(
        self, status: str, headers: list[tuple[str, str]], content: bytes, *, keep: bool, version: tuple[int, int]
    ) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), f"Date: {http_date()}"]
        if not keep:
            lines.append("Connection: close")
        elif version == (1, 0):
            lines.append("Connection: keep-alive")
        with eventlet.Timeout(self._limits.send_seconds, Disconnected("it does not read its answer")):
            self._sock.sendall("\r\n".join([*lines, "\r\n"]).encode("latin-1") + content)

    def _read_on(self) -> None:
        """Discard bytes that the client still sends, within limits.

        Closing on unread bytes would make TCP reset the connection, and the client might never see the answer (RFC
        9112, section 9.6).
        """
        self._shut_down(SHUT_WR)
        received = 0
        with eventlet.Timeout(self._limits.drain_seconds, exception=False):
            while received < self._limits.drain and (some := self._sock.recv(64 * 1024)):
                received += len(some)
                eventlet.sleep(0)

    def _shut_down(self, how: int) -> None:
        try:
            self._sock.shutdown(how)
        except OSError as error:
            log.debug("client gone", client=self._address[0], reason=str(error))
