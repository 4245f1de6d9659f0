"""A connection to the shop with minimal overhead: the generator's processor time is missing from the shop.

It reads the bodies that the gateway and proxies send: with a length or in chunks.
"""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

SECONDS_TO_ANSWER = 60.0
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class HttpAnswer:
    """The gateway's answer; `json` is its body."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None


class ClientConnection:
    """A connection, opened on first use, for one request at a time. Its methods raise OSError.

    Args:
        url: of the shop, such as http://127.0.0.1:8000.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._prefix = parts.path.rstrip("/")
        self._socket: socket.socket | None = None
        self._buffer = b""

    def get(self, path: str, token: str = "") -> HttpAnswer:
        return self._send("GET", path, b"", _authorization(token))

    def post(self, path: str, values: Any, token: str = "", **headers: str) -> HttpAnswer:
        """`headers`: additional ones, with `_` for `-`."""
        return self._send("POST", path, orjson.dumps(values), _authorization(token) | headers)

    def put(self, path: str, values: Any, token: str = "") -> HttpAnswer:
        return self._send("PUT", path, orjson.dumps(values), _authorization(token))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._buffer = b""

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        described = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        request = f"{method} {self._prefix}{path}{self._head}{lines}{described}\r\n".encode() + body
        is_kept = self._socket is not None
        try:
            return self._exchange(request)
        except ConnectionError:
            # A kept connection may have been closed meanwhile. Orders have keys, so nothing happens twice.
            if not is_kept:
                raise
            return self._exchange(request)

    def _exchange(self, request: bytes) -> HttpAnswer:
        try:
            self._opened().sendall(request)
            return self._read_answer()
        except BaseException:
            self.close()
            raise

    def _opened(self) -> socket.socket:
        if self._socket is None:
            plain = socket.create_connection((self._host, self._port), timeout=SECONDS_TO_ANSWER)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secured = self._secure and ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
            self._socket = secured or plain
        return self._socket

    def _read_answer(self) -> HttpAnswer:
        head = self._until(END_OF_HEAD).lower()
        status = int(head[9:12])
        chunked = b"\r\ntransfer-encoding: chunked" in head
        body = self._chunks() if chunked else self._exactly(_length_in(head))
        if b"\r\nconnection: close" in head:
            self.close()
        return HttpAnswer(status, body)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            body += self._exactly(size)
            self._until(b"\r\n")
        self._until(b"\r\n")
        return body

    def _until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            self._receive()
        found, self._buffer = self._buffer[:end], self._buffer[end + len(mark) :]
        return found

    def _exactly(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._receive()
        found, self._buffer = self._buffer[:length], self._buffer[length:]
        return found

    def _receive(self) -> None:
        received = self._opened().recv(64 * 1024)
        if not received:
            raise ConnectionResetError("the shop has hung up")
        self._buffer += received


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _length_in(head: bytes) -> int:
    """The body's length from the head; 0 for answers without a body, such as 204."""
    with suppress(ValueError):
        at = head.index(b"\r\ncontent-length:") + len(b"\r\ncontent-length:")
        return int(head[at:].split(b"\r\n", 1)[0])
    return 0
