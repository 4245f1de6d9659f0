"""Reads the elements of HTTP messages from a socket, each within a limit."""

import re
import socket

from eventlet.greenio import GreenSocket
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestHeaderFieldsTooLarge, RequestURITooLarge

from gateway_svc.boundary.head import Head, parse_head
from gateway_svc.boundary.limits import Limits

CRLF = b"\r\n"
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;[\t -~]*)?")
LONGEST_CHUNK_LINE, LONGEST_TRAILER, MOST_TRAILERS = 256, 1024, 16


class Disconnected(Exception):
    """The client has disconnected."""


class _TooLong(Exception):
    """The element does not end within its limit."""


class Wire:
    """Reads from a client's socket. Every reading method raises Disconnected or OSError after a disconnect."""

    def __init__(self, sock: GreenSocket, limits: Limits) -> None:
        self._sock = sock
        self._limits = limits
        self._buffer = bytearray()

    @property
    def has_more(self) -> bool:
        """Whether the buffer holds unread bytes."""
        return bool(self._buffer)

    @property
    def has_arrived(self) -> bool:
        """Whether unread bytes are in the buffer or in the socket."""
        try:
            # Bypasses the green socket, which would block.
            return self.has_more or bool(self._sock.fd.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False

    def wait(self) -> None:
        """Return when a request has begun."""
        if not self._buffer:
            self._fill()

    def read_head(self) -> Head:
        """Raises: BadRequest, RequestURITooLarge, RequestHeaderFieldsTooLarge."""
        while self._buffer.startswith(CRLF):  # some clients end a body with one too many (RFC 9112, section 2.2)
            del self._buffer[:2]
            self.wait()
        try:
            head = self._until(CRLF + CRLF, self._limits.head)
        except _TooLong as error:
            self._refuse_long_target(self._buffer)
            raise RequestHeaderFieldsTooLarge("The header fields are too long.") from error
        self._refuse_long_target(head)
        return parse_head(head)

    def read_body(self, length: int | None) -> bytes:
        """The whole body.

        Args:
            length: in bytes; None for a chunked body.

        Raises:
            RequestEntityTooLarge: without reading it, if the length is known.
            BadRequest: the chunks are malformed.
        """
        if length is None:
            return self._chunks()
        self.require_space(length)
        return self._exactly(length)

    def require_space(self, length: int | None) -> None:
        """Raises: RequestEntityTooLarge, if the length is known and above the limit."""
        if length is not None and length > self._limits.body:
            raise RequestEntityTooLarge(f"The request body must not exceed {self._limits.body} bytes.")

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            self.require_space(len(body) + size)
            body += self._exactly(size)
            if self._exactly(2) != CRLF:
                raise BadRequest("A chunk is longer than its size.")
        self._skip_trailers()
        return bytes(body)

    def _chunk_size(self) -> int:
        line = CHUNK_LINE.fullmatch(self._line(LONGEST_CHUNK_LINE))
        if not line:
            raise BadRequest("A chunk does not start with its size.")
        return int(line[1], 16)

    def _skip_trailers(self) -> None:
        for _ in range(MOST_TRAILERS):
            if not self._line(LONGEST_TRAILER):
                return
        raise BadRequest("Too many trailer fields.")

    def _line(self, longest: int) -> bytes:
        try:
            return self._until(CRLF, longest)
        except _TooLong as error:
            raise BadRequest("A line of the chunked body is too long.") from error

    def _until(self, mark: bytes, longest: int) -> bytes:
        """The bytes before the mark, which is consumed, too. Raises: _TooLong."""
        searched = 0
        while (end := self._buffer.find(mark, searched)) < 0:
            if len(self._buffer) > longest:
                raise _TooLong
            searched = max(0, len(self._buffer) - len(mark) + 1)
            self._fill()
        if end > longest:
            raise _TooLong
        return self._take(end, skip=len(mark))

    def _exactly(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._fill()
        return self._take(length)

    def _take(self, length: int, skip: int = 0) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[: length + skip]
        return taken

    def _fill(self) -> None:
        received = self._sock.recv(64 * 1024)
        if not received:
            raise Disconnected
        self._buffer += received

    def _refuse_long_target(self, head: bytes | bytearray) -> None:
        end = head.find(CRLF)
        if (end if end >= 0 else len(head)) > self._limits.target:
            raise RequestURITooLarge("The request target is too long.")
