"""The four ways of waiting that tests know.

* for a condition: `wait_until`, or a green thread's own `wait()`, which nothing but the test's limit ends;
* for a fake clock, which a test turns by hand: `tests/support/clock.py`;
* for a process to end: `wait_for_exit`;
* in `tests/proof` alone, for as long as a scaled limit allows: `tests/proof/support/limits.py`.

A machine may be as slow as it likes: a test fails for what happens, not for how long it takes. Banned names in
`pyproject.toml` and `tests/unit/test_waiting.py` keep every other kind out.
"""

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

import eventlet
import psutil

T = TypeVar("T")

LIMIT = 600.0
"""Seconds that anything may take before it counts as never: one limit for all tests, that only a fault reaches."""

TEST_LIMIT = 2 * LIMIT
"""Seconds that one test may take. `tests/conftest.py` gives it to pytest."""

SOON = 0.05
"""Seconds of a time-out of the shop's own that a test lets run out: the expected thing never comes."""

MILLISECONDS = 1000 * LIMIT
"""The same as LIMIT, for a browser."""

LONGEST_PAUSE = 0.2


def wait_until(condition: Callable[[], T], what: str = "") -> T:
    """The first true answer of the condition.

    Args:
        what: the end of the sentence "… waited for", for the failure.

    Raises:
        AssertionError: there is none within LIMIT.
    """
    answer = first_answer(condition, LIMIT)
    wanted = what or getattr(condition, "__name__", "the condition")
    assert answer, f"{LIMIT:g} s waited for {wanted}; the last answer was {answer!r}"
    return answer


def first_answer(condition: Callable[[], T], seconds: float) -> T:
    """The first true answer of the condition; its last one when the time is over."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.3)
    return answer


def wait_for_exit(process: subprocess.Popen, what: str = "the process") -> int:
    """The exit code of a process that ends by itself.

    Raises:
        AssertionError: it does not.
    """
    wait_until(lambda: process.poll() is not None, f"the end of {what}")
    return process.wait()


def has_ended(process: psutil.Process) -> bool:
    """Whether it has; a zombie, which its parent has not taken note of yet, has."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def let_others_run(turns: int = 1) -> None:
    """Give every green thread that can run its turn, so many times over."""
    for _ in range(turns):
        eventlet.sleep(0)
