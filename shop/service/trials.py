"""Health check by writing: a database may answer reads and refuse writes."""

from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.semaphore import Semaphore

from shop.contracts import deadlines
from shop.contracts.errors import ServiceUnavailable
from shop.service.greenlets import EVENTLET, Greenlets

SECONDS_OF_A_TRIAL = deadlines.WRITE_PROBE
"""Shorter than the callers' timeout of two seconds. A database that takes longer to write some bytes is unhealthy."""
SECONDS_BETWEEN_TRIALS = 1.0
"""Calls in between get the last result."""


class WriteProbe:
    """Checks whether a database accepts writes.

    Args:
        write: writes a dummy value to the disk. Raises: ServiceUnavailable.
    """

    def __init__(self, write: Callable[[], Any], greenlets: Greenlets = EVENTLET) -> None:
        self._write = write
        self._greenlets = greenlets
        self._one_at_a_time = Semaphore()
        self._tried_at = float("-inf")
        self._refusal: str | None = None

    def refusal(self) -> str | None:
        """The reason for which the database refuses writes; None if it accepts them."""
        with self._one_at_a_time:
            if self._greenlets.monotonic() - self._tried_at >= SECONDS_BETWEEN_TRIALS:
                self._refusal = self._try()
                self._tried_at = self._greenlets.monotonic()
            return self._refusal

    def _try(self) -> str | None:
        try:
            with eventlet.Timeout(SECONDS_OF_A_TRIAL, _TooLate):
                self._write()
        except _TooLate:
            return f"its database did not take a write within {SECONDS_OF_A_TRIAL:g} s"
        except ServiceUnavailable as error:
            return f"its database takes no writes: {reason_of(error)}"
        return None


class _TooLate(Exception):
    pass


def reason_of(error: ServiceUnavailable) -> str:
    """The database driver's message, in one line and without additions of libraries."""
    cause: Any = error.__cause__
    said = str(getattr(cause, "orig", None) or cause or error).strip()
    return said.partition("\n")[0].partition(" (configured timeouts")[0].partition(", Timeout:")[0].rstrip(".")
