"""Nameko's web server with its own reading of requests.

Nameko's passes the socket to a worker: no limit on bodies, and a slow client occupies a worker. Here a `HttpConnection`
reads each request whole first.
"""

import os
import socket
from collections.abc import Callable

import eventlet
from eventlet.event import Event
from eventlet.greenio import GreenSocket
from nameko.web.server import WebServer

from gateway_svc.app import App
from gateway_svc.boundary.connection import HttpConnection
from gateway_svc.boundary.limits import Limits
from shop.http.listening import Listener
from shop.service.settings import Settings

LISTENER = "GATEWAY_LISTENER"
"""Configuration key for the file descriptor of a listening socket that several gateways share. The socket stays open
when one of them ends, so no client is refused.
"""

REFUSALS_AT_ONCE = 50


class HttpServer(WebServer):
    """Listens on `GATEWAY_ADDRESS` for the registered routes."""

    limits = Limits()

    def __init__(self) -> None:
        super().__init__()
        self._starting = False
        self._is_accepting = True
        self._connections: set[HttpConnection] = set()
        self._refused: set[HttpConnection] = set()
        self._empty = Event()

    def start(self) -> None:
        """Raises: OSError with the address, if it cannot be listened on."""
        if not self._starting:
            self._starting = True
            self._sock = Listener(self._listen())
            self._app = App(self._providers)
            self._gt = self.container.spawn_managed_thread(self.run)

    def run(self) -> None:
        """Accept connections until the service stops."""
        while True:
            self._welcome(*self._sock.accept())

    def drain(self) -> None:
        """Accept no more requests, and return when those in progress are answered."""
        if self._gt is None:
            return
        if self._is_accepting:
            self._is_accepting = False
            self._stop_listening()
            for connection in list(self._connections):
                connection.close_after_this()
        with eventlet.Timeout(self.limits.stop_seconds, exception=False):
            if self._connections:
                self._empty.wait()

    def stop(self) -> None:
        self.drain()
        if self._gt is not None:
            super().stop()

    def kill(self) -> None:
        if self._gt is not None:
            self._stop_listening()

    def _listen(self) -> GreenSocket:
        inherited = self.container.config.get(LISTENER)
        if inherited is not None:
            return GreenSocket(socket.socket(fileno=os.dup(inherited)))
        endpoint = Settings.of(self.container.config).gateway
        family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
        try:
            # Without reuse_port=False, eventlet shares a busy port with its owner.
            return eventlet.listen((endpoint.host, endpoint.port), family=family, backlog=256, reuse_port=False)
        except OSError as error:
            raise OSError(error.errno, f"The gateway cannot listen on {endpoint}: {error.strerror}") from error

    def _welcome(self, sock: GreenSocket, address: tuple[str, int]) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = HttpConnection(sock, address, self._app, self.limits)
        if self._has_room():
            self._spawn(connection, self._connections, connection.serve)
        elif len(self._refused) < REFUSALS_AT_ONCE:
            self._spawn(connection, self._refused, connection.refuse)
        else:
            sock.close()

    def _has_room(self) -> bool:
        """Whether another connection fits; closes an idle one to make room."""
        if len(self._connections) < self.limits.connections:
            return True
        for connection in self._connections:
            if connection.is_idle:
                self._connections.remove(connection)
                connection.close_after_this()
                return True
        return False

    def _spawn(self, connection: HttpConnection, among: set[HttpConnection], serve: Callable[[], None]) -> None:
        among.add(connection)
        thread = self.container.spawn_managed_thread(serve, identifier="connection")
        thread.link(self._gone, connection, among)

    def _gone(self, _: object, connection: HttpConnection, among: set[HttpConnection]) -> None:
        among.discard(connection)
        if not self._connections and not self._is_accepting and not self._empty.ready():
            self._empty.send()

    def _stop_listening(self) -> None:
        self._gt.kill()
        self._sock.close()
