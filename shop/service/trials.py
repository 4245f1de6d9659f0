"""Trying to write, for those who ask whether a service is well: a database may answer reads and take no writes."""

from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.semaphore import Semaphore

from shop.contracts.errors import ServiceUnavailable
from shop.service.greenlets import EVENTLET, Greenlets

SECONDS_OF_A_TRIAL = 1.0
"""Whoever asks waits two seconds for the answer. A database that takes longer to write some bytes is not well."""
SECONDS_BETWEEN_TRIALS = 1.0
"""Everybody who asks meanwhile is told of the last one."""


class Trial:
    """Whether a database takes writes.

    Args:
        write: writes something of no importance, so that it is on the disk. Raises: ServiceUnavailable.
    """

    def __init__(self, write: Callable[[], Any], greenlets: Greenlets = EVENTLET) -> None:
        self._write = write
        self._greenlets = greenlets
        self._one_at_a_time = Semaphore()
        self._tried_at = float("-inf")
        self._refusal: str | None = None

    def refusal(self) -> str | None:
        """Why it takes none; None where it does."""
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
    """What the database's driver said, in one line and without what libraries add to it."""
    cause: Any = error.__cause__
    said = str(getattr(cause, "orig", None) or cause or error).strip()
    return said.partition("\n")[0].partition(" (configured timeouts")[0].partition(", Timeout:")[0].rstrip(".")
