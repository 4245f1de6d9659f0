"""Many people who do something at the same time."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import eventlet
from eventlet.event import Event

T = TypeVar("T")


def at_once(calls: Iterable[Callable[[], T]]) -> list[T]:
    """The answer to each of the calls; none begins before all are ready."""
    start, ready = Event(), list(calls)

    def run(call: Callable[[], T]) -> T:
        start.wait()
        return call()

    running = [eventlet.spawn(run, call) for call in ready]
    start.send()
    return [greenlet.wait() for greenlet in running]
