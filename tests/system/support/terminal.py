"""A command as somebody sees it who types it at a terminal."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from eventlet.hubs import trampoline

from tests.support.waiting import wait_for_exit

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A terminal on which a `shop` command runs, and the text that it has shown."""

    def __init__(self, end: int, process: subprocess.Popen[bytes]) -> None:
        self.shown = ""
        self._end = end
        self._process = process

    def read_until(self, wanted: str | Callable[[str], object]) -> None:
        """Returns as soon as this is shown, or found by a function, colours aside. The test's time is the limit."""
        is_there = wanted if callable(wanted) else partial(re.search, wanted)
        while not is_there(CONTROL.sub("", self.shown)):
            trampoline(self._end, read=True)
            self.shown += os.read(self._end, 65536).decode(errors="replace")

    def interrupt(self) -> int:
        """As Ctrl-C does. Returns: the exit code."""
        self._process.send_signal(signal.SIGINT)
        return wait_for_exit(self._process)


@contextmanager
def at_terminal(*arguments: str) -> Iterator[Terminal]:
    """Run a `shop` command at a terminal of its own, which ends with the context."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "shop_cli", *arguments],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
