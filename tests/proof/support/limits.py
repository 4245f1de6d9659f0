"""Limits of the wall clock, scaled by how fast the machine is; a missed one is told with how busy the machine was.

A limit is given in seconds on the machine that it was set on, two quiet cores. `yardstick.py` measures once how much
slower this one is.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

import psutil

from tests.proof.support import yardstick
from tests.support.stopwatch import Stopwatch
from tests.support.waiting import first_answer

T = TypeVar("T")


@cache
def scale() -> float:
    """By how much every limit is longer here."""
    return yardstick.scale()


def limit(seconds: float) -> float:
    """So many seconds of the machine that limits were set on, in seconds of this one."""
    return seconds * scale()


def wait_within(seconds: float, condition: Callable[[], T], what: str) -> T:
    """The first true answer of the condition.

    Args:
        seconds: the limit, before it is scaled.
        what: the end of the sentence "… waited for".

    Raises:
        AssertionError: there is none in time.
    """
    answer = first_answer(condition, limit(seconds))
    assert answer, missed(seconds, f"{what}; the last answer was {answer!r}")
    return answer


@contextmanager
def within(seconds: float, what: str) -> Iterator[None]:
    """The work in this context takes no longer than so many seconds, before scaling.

    Raises:
        AssertionError: it does.
    """
    watch = Stopwatch()
    yield
    require_within(seconds, watch.seconds, what)


def require_within(limit_seconds: float, seconds: float, what: str) -> None:
    """It took so many seconds, which is no longer than the limit.

    Raises:
        AssertionError: it is.
    """
    assert seconds <= limit(limit_seconds), f"{missed(limit_seconds, what)}; it took {seconds:.1f} s"


def let_pass(seconds: float) -> None:
    """Let so many seconds pass, scaled: not a wait for something, that it lasts so long is the point."""
    time.sleep(limit(seconds))


def left_of(seconds: float, watch: Stopwatch) -> float:
    """The time that a stopwatch has left of a limit, before scaling; 0 where it is over."""
    return max(0.0, seconds - watch.seconds / scale())


def missed(seconds: float, what: str) -> str:
    """The sentence about a limit that was missed, with the machine's load at this moment."""
    return f"not within {seconds:g} s, {limit(seconds):.1f} s on this machine: {what} ({load()})"


def load() -> str:
    """How busy the machine is now."""
    busy, runnable = psutil.cpu_percent(interval=0.2), os.getloadavg()[0]
    told = [f"load {runnable:.1f} on {os.cpu_count()} cores, processors {busy:.0f} % busy"]
    return ", ".join([*told, *_pressure()])


def _pressure() -> Iterator[str]:
    """How often something waited in the last ten seconds, where Linux says it."""
    for name in ("cpu", "io", "memory"):
        file = Path("/proc/pressure", name)
        if file.exists():
            yield f"{name} waited for {file.read_text().split()[1].removeprefix('avg10=')} %"
