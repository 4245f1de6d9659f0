"""Retries on a database that is busy or down, for every adapter of the log."""

import random
from collections.abc import Callable
from typing import TypeVar

import eventlet
import structlog

from shop.contracts import deadlines
from shop.contracts.errors import ServiceUnavailable
from shop.service.trials import reason_of

T = TypeVar("T")

PATIENCE = deadlines.DATABASE
"""Seconds: shorter than the callers' timeout, so that they receive the reason."""

logger = structlog.get_logger(__name__)


class Outrun(Exception):
    """A write conflict: another process wrote between our read and our write. The work has to start again."""


def patiently(attempt: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
    """Retry until it works, yielding to other greenlets. A failure is logged for operators.

    Args:
        passing: transient errors.

    Raises:
        ServiceUnavailable: no success within `PATIENCE`.
    """
    try:
        return for_a_while(PATIENCE, attempt, passing)
    except ServiceUnavailable as error:
        told = f"The database of LOG_URL cannot be reached: {reason_of(error)}. Trying again."
        logger.warning(told)
        raise


def for_a_while(seconds: float, attempt: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
    """The same for so many seconds, without a log entry. Raises: ServiceUnavailable."""
    reason: Exception | None = None
    patience = eventlet.Timeout(seconds)
    try:
        while True:
            try:
                return attempt()
            except passing as error:
                reason = error
            # Jitter spreads concurrent retries. Exponential backoff would let newcomers overtake older attempts.
            eventlet.sleep(random.uniform(0.001, 0.015))
    except eventlet.Timeout as timeout:
        if timeout is not patience:
            raise
        raise ServiceUnavailable("event_store") from reason or NoAnswerInTime("no answer")
    finally:
        patience.cancel()


class NoAnswerInTime(Exception):
    """The database did not answer at all."""
