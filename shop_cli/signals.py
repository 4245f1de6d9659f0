"""Being asked to stop: Ctrl-C, SIGTERM, or the terminal going away."""

import os
import signal
from types import FrameType

import eventlet
from eventlet.event import Event
from eventlet.hubs import trampoline

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignal:
    """Something that greenlets can wait for. Asked a second time, the process ends at once.

    A handler that raises would hit whichever greenlet happens to run, and one that only notes the signal would not
    wake the hub from its wait. So the signal arrives as a byte in a pipe, which the hub watches like a socket.
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
        """Returns when the process is to stop. Raises what `fail` was given."""
        self._asked.wait()

    def fail(self, error: BaseException) -> None:
        """Stop because of this."""
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
