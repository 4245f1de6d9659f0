"""kombu's transport for RabbitMQ with buffers, for any number of greenlets on one connection.

py-amqp reads each part of a frame by a call of its own, nine for one message, and sends each frame on its own. Here one
call reads all received bytes, and one call sends the frames of all greenlets since the last run of the hub. No message
is interrupted by a timeout: under backpressure, senders wait before a message.
"""

import contextlib
import socket
from collections.abc import Callable
from typing import Any

import eventlet
from amqp import spec
from amqp.exceptions import RecoverableConnectionError
from amqp.transport import SSLTransport, TCPTransport
from eventlet.event import Event
from eventlet.patcher import is_monkey_patched
from kombu.transport import TRANSPORT_ALIASES, pyamqp

from shop.messaging.rabbitmq.frames import frame_at

Frame = tuple[int, int, bytes]
"""Type, channel and payload."""

BYTES_AT_ONCE = 65536
BYTES_WAITING = 1 << 20
"""Unsent bytes above which senders wait (backpressure)."""


class _Buffered:
    """Mixin for py-amqp's socket transports."""

    connected: bool
    sock: socket.socket | None
    _read_buffer: bytes
    _quick_recv: Callable[[int], bytes]
    _write: Callable[[bytes], None]

    def _setup_transport(self) -> None:
        super()._setup_transport()  # type: ignore[misc]
        self._read_at = 0
        self._send_all = self._write
        self._write = self._put
        self._waiting: list[bytes] = []
        self._bytes_waiting = 0
        self._sending = False
        self._sent: Event | None = None
        self._trouble: OSError | None = None

    # Reading

    def read_frame(self, unpack: Any = None) -> Frame:  # noqa: ARG002 - py-amqp's signature
        """The next frame. Raises: TimeoutError (received bytes are kept), OSError, UnexpectedFrame."""
        while True:
            frame = self.take_frame()
            if frame is not None:
                return frame
            came = self._receive()
            self._read_buffer = self._read_buffer[self._read_at :] + came
            self._read_at = 0

    def take_frame(self) -> Frame | None:
        """The next frame, if completely received."""
        found = frame_at(self._read_buffer, self._read_at)
        if found is None:
            return None
        kind, channel, payload, self._read_at = found
        return kind, channel, payload

    def _receive(self) -> bytes:
        try:
            came = self._quick_recv(BYTES_AT_ONCE)
        except TimeoutError:
            raise
        except OSError:
            self.connected = False
            raise
        if not came:
            self.connected = False
            raise OSError("the broker has closed the connection")
        return came

    # Sending

    def wait_for_room(self) -> None:
        """Wait while there are too many unsent bytes."""
        while self._bytes_waiting > BYTES_WAITING and not self._trouble:
            self._sent = self._sent or Event()
            self._sent.wait()

    def _put(self, frames: bytes) -> None:
        """Queue frames for sending, soon and in order. Raises: OSError, if earlier frames could not be sent."""
        if self._trouble:
            raise ConnectionResetError("the broker did not take what was sent before") from self._trouble
        self._waiting.append(bytes(frames))
        self._bytes_waiting += len(frames)
        if not self._sending:
            self._sending = True
            eventlet.spawn_n(self._send_waiting)

    def _send_waiting(self) -> None:
        try:
            while self._waiting:
                frames = b"".join(self._waiting)
                self._waiting.clear()
                self._send_all(frames)
                self._bytes_waiting -= len(frames)
                self._tell_sent()
        except OSError as error:
            self._trouble = error
            self.connected = False
            if self.sock:
                with contextlib.suppress(OSError):
                    self.sock.shutdown(socket.SHUT_RDWR)  # so that the reading greenlet fails, too
        finally:
            self._sending = False
            self._tell_sent()

    def _tell_sent(self) -> None:
        sent, self._sent = self._sent, None
        if sent:
            sent.send()


class BufferedSocket(_Buffered, TCPTransport):
    pass


class BufferedTlsSocket(_Buffered, SSLTransport):
    pass


class BufferedChannel(pyamqp.Channel):
    def _basic_publish(
        self, message: Any, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> Any:
        """py-amqp's own method first reads from the connection, which here is the consumer's task."""
        if not self.connection:
            raise RecoverableConnectionError("connection already closed")
        if isinstance(self.connection.transport, _Buffered):
            self.connection.transport.wait_for_room()
        if not self.connection:
            raise RecoverableConnectionError("connection closed while its turn was waited for")
        return self.send_method(spec.Basic.Publish, "Bssbb", (0, exchange, routing_key, mandatory, False), message)

    basic_publish = _basic_publish


class BufferedConnection(pyamqp.Connection):
    Channel = BufferedChannel

    def Transport(  # noqa: N802 - py-amqp's name
        self, host: str, connect_timeout: float, ssl: Any = False, read_timeout: Any = None, write_timeout: Any = None,
        **options: Any,
    ) -> Any:  # fmt: skip
        """Create the socket.

        Without eventlet a single thread waits for what it reads: py-amqp's own transport suffices.
        """
        options |= {"ssl": ssl, "read_timeout": read_timeout, "write_timeout": write_timeout}
        if not is_monkey_patched("socket"):
            return super().Transport(host, connect_timeout, **options)
        return (BufferedTlsSocket if ssl else BufferedSocket)(host, connect_timeout, **options)

    def blocking_read(self, timeout: float | None = None) -> Any:
        transport = self.transport
        frame = transport.take_frame() if isinstance(transport, _Buffered) else None
        return super().blocking_read(timeout) if frame is None else self.on_inbound_frame(frame)


class Transport(pyamqp.Transport):
    Connection = BufferedConnection


class TlsTransport(pyamqp.SSLTransport):
    Connection = BufferedConnection


def register() -> None:
    """Register this transport with kombu for `amqp://` and `amqps://`. Idempotent."""
    TRANSPORT_ALIASES["amqp"] = TRANSPORT_ALIASES["pyamqp"] = "shop.messaging.rabbitmq.transport:Transport"
    TRANSPORT_ALIASES["amqps"] = "shop.messaging.rabbitmq.transport:TlsTransport"
