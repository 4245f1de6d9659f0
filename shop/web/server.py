"""Serves a site: a green WSGI server that stops gracefully."""

import logging
import socket
from contextlib import suppress
from typing import Any

import eventlet
import eventlet.wsgi
from flask import Flask
from greenlet import GreenletExit

from shop.http.listening import Listener

SECONDS_TO_READ = 30.0
"""Timeout for reading a request and for sending the answer."""

SECONDS_IDLE = 75.0
LONGEST_URL = 4096
CONNECTIONS = 500

log = logging.getLogger(__name__)


class SiteServer:
    """One site at one address. Nothing is bound before `start`."""

    def __init__(self, site: Flask, host: str, port: int) -> None:
        self._site, self._host, self._port = site, host, port
        self._listener: Any = None
        self._thread: Any = None

    def start(self) -> None:
        """Raises: OSError, if the address cannot be listened on."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Without reuse_port=False, eventlet shares a busy port with its owner.
        sock = eventlet.listen((self._host, self._port), family=family, backlog=128, reuse_port=False)
        self._listener = Listener(sock)
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        self._thread = eventlet.spawn(self._serve)

    def wait(self) -> None:
        """Return when the site has stopped. Raises: the error that ended it unexpectedly."""
        if self._thread is not None:
            with suppress(GreenletExit):
                self._thread.wait()

    def stop(self, seconds: float = 5.0) -> None:
        """Accept no more requests, and return when those in progress are answered, or after `seconds`."""
        if self._thread is None:
            return
        with eventlet.Timeout(seconds, exception=False):
            self._thread.kill()
            self.wait()
        self._listener.close()

    def _serve(self) -> None:
        eventlet.wsgi.server(
            self._listener,
            self._site,
            log=log,
            log_output=False,
            max_size=CONNECTIONS,
            url_length_limit=LONGEST_URL,
            socket_timeout=SECONDS_TO_READ,
            keepalive=SECONDS_IDLE,
            debug=False,
        )
