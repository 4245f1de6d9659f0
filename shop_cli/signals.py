"""Requests to stop: Ctrl-C, SIGTERM, or a closed terminal."""

import os
import signal
from types import FrameType

import eventlet
from eventlet.event import Event
from eventlet.hubs import trampoline

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignal:
    """A signal that greenlets can wait for. The second one ends the process at once.

    A handler that raises would hit the running greenlet, an arbitrary one; a handler that only sets a flag would not
    wake the hub. So the signal arrives as a byte in a pipe, which the hub watches like a socket.
    """

    def __init__(self) -> None:
        self._asked = Event()
        self._times = 0
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, self._count)
        eventlet.spawn(self._watch)

    def wait(self) -> None:
        """Return when the process is to stop. Raises: the error given to `fail`."""
        self._asked.wait()

    def fail(self, error: BaseException) -> None:
        """Stop because of this error."""
        if not self._asked.ready():
            self._asked.send_exception(error)

    def _count(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._times += 1
        if self._times > 1:
            os._exit(128 + number)

    def _watch(self) -> None:
        while True:
            trampoline(self._reader, read=True)
            os.read(self._reader, 64)
            if not self._asked.ready():
                self._asked.send()
