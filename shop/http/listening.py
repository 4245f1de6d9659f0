"""Accepts connections robustly, for the gateway and the websites."""

import errno
import logging
import resource
import time
from typing import Any

import eventlet

SECONDS_BETWEEN_TRIES = 0.05
SECONDS_BETWEEN_COMPLAINTS = 60.0

GONE = (errno.EBADF, errno.ENOTSOCK, errno.EINVAL)
"""Error codes of a closed listening socket."""
NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

log = logging.getLogger(__name__)


class Listener:
    """A listening socket whose `accept` fails only when the socket is closed.

    Without a free file descriptor, each waiting connection is an error, and so is a client that has disconnected
    already. Clients must not be able to end the server with these.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._silent_until = float("-inf")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def accept(self) -> tuple[Any, Any]:
        """The next connection and its address. Raises: OSError, once the socket is closed."""
        while True:
            try:
                connection: tuple[Any, Any] = self._sock.accept()
            except OSError as error:
                if error.errno in GONE:
                    raise
                self._tell(error)
                eventlet.sleep(SECONDS_BETWEEN_TRIES)
            else:
                return connection

    def _tell(self, error: OSError) -> None:
        if error.errno in NO_ROOM and time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + SECONDS_BETWEEN_COMPLAINTS
            log.warning("connections have to wait: %s", error.strerror)


def allow_many_files() -> None:
    """Raise this process's limit of file descriptors to the maximum; each connection needs one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
