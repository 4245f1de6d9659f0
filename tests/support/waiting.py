"""Waiting for a condition instead of for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

import requests

T = TypeVar("T")

SECONDS_TO_ANSWER = 10


def wait_until(condition: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
    """The first true answer of the condition.

    Args:
        timeout: seconds; CI machines are slow, so be generous.
        what: the end of the sentence "… waited for", for the failure.
    """
    deadline = time.monotonic() + timeout
    pause = 0.01
    while not (answer := condition()):
        if time.monotonic() > deadline:
            wanted = what or getattr(condition, "__name__", "the condition")
            raise AssertionError(f"{timeout:g} s waited for {wanted}; the last answer was {answer!r}")
        time.sleep(pause)
        pause = min(0.2, pause * 1.3)
    return answer


def wait_until_shown(url: str, timeout: float) -> None:
    """Returns when all read models of the shop at this address have caught up with its log."""

    def lags() -> set[int | None]:
        services = requests.get(f"{url}/readyz", timeout=SECONDS_TO_ANSWER).json()["services"]
        return {service["lag"] for service in services.values()}

    wait_until(lambda: lags() == {0}, timeout, "the read models")
