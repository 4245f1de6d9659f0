"""Patience with a database that is busy or away, for every adapter of the log."""

import random
from collections.abc import Callable
from typing import TypeVar

import eventlet
import structlog

from shop.contracts.errors import ServiceUnavailable

T = TypeVar("T")

PATIENCE = 4.0
"""Seconds: less than callers wait for us, so that they learn the reason."""

logger = structlog.get_logger(__name__)


class Outrun(Exception):
    """Somebody else wrote between our reading and our writing. The work has to start again."""


def patiently(attempt: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
    """Try until it works, letting other greenlets run in between.

    Args:
        passing: errors that may be gone at the next try.

    Raises:
        ServiceUnavailable: it did not work for `PATIENCE`.
    """
    reason: Exception | None = None
    patience = eventlet.Timeout(PATIENCE)
    try:
        while True:
            try:
                return attempt()
            except passing as error:
                reason = error
            # All the others try at random times, too. Growing delays would let newcomers overtake those who wait.
            eventlet.sleep(random.uniform(0.001, 0.015))
    except eventlet.Timeout as timeout:
        if timeout is not patience:
            raise
        told = f"The database of LOG_URL cannot be reached: {_in_one_line(reason)}. Trying again."
        logger.warning(told)
        raise ServiceUnavailable("event_store") from reason
    finally:
        patience.cancel()


def _in_one_line(reason: Exception | None) -> str:
    """What the driver said, without what SQLAlchemy and pymongo add to it."""
    said = str(getattr(reason, "orig", None) or reason or "no answer").strip()
    return said.partition("\n")[0].partition(" (configured timeouts")[0].partition(", Timeout:")[0].rstrip(".")
