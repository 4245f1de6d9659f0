"""A connection to a server that a test can cut and hold, without touching the server."""

import contextlib
import socket
from typing import Any

import eventlet
from eventlet.event import Event


class Wire:
    """Passes everything on between a port of its own and the server's.

    Args:
        port: of the server, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = eventlet.listen(("127.0.0.1", 0))
        self._open: list[Any] = []
        self._is_cut = False
        self._drops_next = False
        self._flowing = Event()
        self._flowing.send()
        self._accepting = eventlet.spawn(self._accept)
        self.port: int = self._listener.getsockname()[1]
        self.calls = 0
        """How many connections were made through it so far."""

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self._is_cut = True
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def hold(self) -> None:
        """Pass nothing on, and leave all connections open: neither end is told that there is trouble."""
        self._flowing = Event()

    def drop_next(self) -> None:
        """End the next connection over which something comes, as a server does that has just closed it."""
        self._drops_next = True

    def mend(self) -> None:
        """Work again. Held bytes are passed on."""
        self._is_cut = False
        if not self._flowing.ready():
            self._flowing.send()

    def close(self) -> None:
        self.mend()
        self.cut()
        self._accepting.kill()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            if self._is_cut:
                near.close()
            else:
                eventlet.spawn(self._connect, near)

    def _connect(self, near: Any) -> None:
        self.calls += 1
        with near, contextlib.suppress(OSError), eventlet.connect(("127.0.0.1", self._server_port)) as far:
            self._open += [near, far]
            back = eventlet.spawn(self._pass_on, far, near)
            self._pass_on(near, far)
            back.wait()

    def _pass_on(self, source: Any, target: Any) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                if self._drops_next:
                    self._drops_next = False
                    source.shutdown(socket.SHUT_RDWR)
                    break
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
