"""Interface of time and greenlets for subscriptions: eventlet in production, a simulation in tests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import eventlet
from eventlet.event import Event


class Signal(Protocol):
    """An event to wait for. Once sent, it stays sent."""

    @property
    def sent(self) -> bool: ...

    def send(self) -> None: ...

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the signal was sent, waiting at most so many seconds; None: without a limit."""


class Greenlet(Protocol):
    """A concurrent task."""

    def kill(self) -> None: ...


class Greenlets(Protocol):
    """The only clock, and the only way to wait: every wait yields to other greenlets."""

    def monotonic(self) -> float:
        """Seconds of a monotonic clock."""

    def now(self) -> datetime:
        """The time of day, UTC."""

    def sleep(self, seconds: float) -> None: ...

    def signal(self) -> Signal: ...

    def spawn(self, work: Callable[[], None]) -> Greenlet: ...

    def current(self) -> object:
        """The calling greenlet."""


class EventletSignal:
    """Implements `Signal`."""

    def __init__(self) -> None:
        self._event = Event()

    @property
    def sent(self) -> bool:
        return bool(self._event.ready())

    def send(self) -> None:
        if not self.sent:
            self._event.send()

    def wait(self, seconds: float | None = None) -> bool:
        with eventlet.Timeout(seconds, False):
            self._event.wait()
        return self.sent


class Eventlet:
    """Implements `Greenlets`."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        eventlet.sleep(seconds)

    def signal(self) -> EventletSignal:
        return EventletSignal()

    def spawn(self, work: Callable[[], None]) -> Any:
        return eventlet.spawn(work)

    def current(self) -> object:
        return eventlet.getcurrent()


EVENTLET = Eventlet()
