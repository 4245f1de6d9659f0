"""A gateway with stand-ins behind it, and a client in front."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from gateway_svc.service import GatewayService
from tests.component.support.gateway_backends import BACKENDS
from tests.component.support.gateway_notes import NOTES
from tests.component.support.running import configuration, running
from tests.support.waiting import LIMIT

CUSTOMER, MANAGER = "token-of-anna", "token-of-max"


@dataclass
class Client:
    """Speaks HTTP with the gateway; keeps its connection."""

    address: tuple[str, int]
    session: requests.Session

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    def __call__(self, method: str, path: str, *, token: str | None = None, **options: Any) -> requests.Response:
        headers = options.pop("headers", {})
        if token:
            headers = {"Authorization": f"Bearer {token}", **headers}
        return self.session.request(method, self.url + path, headers=headers, timeout=LIMIT, **options)

    def raw(self, request: bytes) -> bytes:
        """All that comes back on a connection of its own until the gateway closes it."""
        with closing(self.connect()) as sock:
            sock.sendall(request)
            return read_all(sock)

    def send(self, request: bytes) -> socket.socket:
        sock = self.connect()
        sock.sendall(request)
        return sock

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=LIMIT)


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def read_all(sock: socket.socket) -> bytes:
    received = b""
    while some := sock.recv(65536):
        received += some
    return received


@contextmanager
def running_gateway(folder: Any, *services: type, **config: Any) -> Iterator[Client]:
    """The gateway in front of these services; of all stand-ins, if none are named."""
    port = free_port()
    NOTES.clear()
    configured = configuration(folder, GATEWAY_ADDRESS=f"127.0.0.1:{port}", **{"max_workers": 50, **config})
    with running(configured, *(services or (*BACKENDS, GatewayService))), requests.Session() as session:
        session.trust_env = False
        yield Client(("127.0.0.1", port), session)


def problem(response: requests.Response, status: int) -> dict[str, Any]:
    """The problem that the answer tells of, if it is well formed and has this status."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "trace_id"} <= set(told)
    assert told["status"] == status
    assert told["trace_id"] == response.headers["X-Trace-Id"]
    assert not {"Traceback", "shop.contracts", "gateway_svc"} & set(response.text.split())
    return told
