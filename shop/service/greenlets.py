"""Time and greenlets, as those use them who follow the log: eventlet's here, a simulation's in tests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import eventlet
from eventlet.event import Event


class Signal(Protocol):
    """Something to wait for. Once sent, it stays sent."""

    @property
    def sent(self) -> bool: ...

    def send(self) -> None: ...

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it was sent, after so many seconds at most; None: wait for ever."""


class Greenlet(Protocol):
    """Work that goes on beside its spawner."""

    def kill(self) -> None: ...


class Greenlets(Protocol):
    """The one clock, and the one way to wait: whoever asks for these lets others run."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""

    def now(self) -> datetime:
        """The time of day, UTC."""

    def sleep(self, seconds: float) -> None: ...

    def signal(self) -> Signal: ...

    def spawn(self, work: Callable[[], None]) -> Greenlet: ...

    def current(self) -> object:
        """The greenlet that asks."""


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
