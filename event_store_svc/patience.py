"""Patience with a database that is busy or away, for every adapter of the log."""

import random
from collections.abc import Callable
from typing import TypeVar

import eventlet
import structlog

from shop.contracts.errors import ServiceUnavailable
from shop.service.trials import reason_of

T = TypeVar("T")

PATIENCE = 4.0
"""Seconds: less than callers wait for us, so that they learn the reason."""

logger = structlog.get_logger(__name__)


class Outrun(Exception):
    """Somebody else wrote between our reading and our writing. The work has to start again."""


def patiently(attempt: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
    """Try until it works, letting other greenlets run in between. Operators are told if it does not.

    Args:
        passing: errors that may be gone at the next try.

    Raises:
        ServiceUnavailable: it did not work for `PATIENCE`.
    """
    try:
        return for_a_while(PATIENCE, attempt, passing)
    except ServiceUnavailable as error:
        told = f"The database of LOG_URL cannot be reached: {reason_of(error)}. Trying again."
        logger.warning(told)
        raise


def for_a_while(seconds: float, attempt: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
    """The same for so many seconds, and nobody is told. Raises: ServiceUnavailable."""
    reason: Exception | None = None
    patience = eventlet.Timeout(seconds)
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
        raise ServiceUnavailable("event_store") from reason or NoAnswer("no answer")
    finally:
        patience.cancel()


class NoAnswer(Exception):
    """The database said nothing at all."""
