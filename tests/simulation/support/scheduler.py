"""Simulated time, and greenlets that run one at a time, in the order in which they are due."""

import contextlib
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from greenlet import getcurrent, greenlet

BEGINNING = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Killed(BaseException):
    """The process that this greenlet belongs to is no more."""


class Wait:
    """A greenlet that waits for the first of several things to happen; the others come too late."""

    __slots__ = ("greenlet",)

    def __init__(self) -> None:
        self.greenlet: Any = getcurrent()

    def __call__(self) -> None:
        """It goes on, unless it did already."""
        waiting, self.greenlet = self.greenlet, None
        if waiting is not None and not waiting.dead:
            waiting.switch()


class Scheduler:
    """The loop. It runs in the greenlet that made it; all others are its children."""

    def __init__(self) -> None:
        self.time = 0.0
        self._hub = getcurrent()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def at(self, time: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time, next(self._numbers), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.at(self.time + seconds, action)

    def spawn(self, work: Callable[[], None]) -> "Task":
        """Have the work done in a greenlet of its own, a moment later."""
        return Task(self, work)

    def pause(self, seconds: float) -> None:
        """Let others run for so long."""
        self.after(seconds, Wait())
        self._hub.switch()

    def wait(self, seconds: float | None) -> Wait:
        """Make ready to let others run until what is returned is called, or so many seconds have passed."""
        wait = Wait()
        if seconds is not None:
            self.after(max(0.0, seconds), wait)
        return wait

    def let_others_run(self) -> None:
        self._hub.switch()

    def run(self, until: float) -> None:
        """Do what is due up to this time."""
        while self._due and self._due[0][0] <= until:
            self.time, _, action = heapq.heappop(self._due)
            action()
        self.time = until


class Task:
    """Implements `Greenlet`."""

    def __init__(self, scheduler: Scheduler, work: Callable[[], None]) -> None:
        self._work = work
        self._greenlet = greenlet(self._run, scheduler._hub)
        scheduler.after(0.0, self._begin)

    def kill(self) -> None:
        """End it where it waits, at once."""
        if self._greenlet.dead or self._greenlet is getcurrent():
            return
        if not self._greenlet:
            self._greenlet = greenlet(lambda: None)  # it had not begun
            return
        self._greenlet.parent = getcurrent()
        self._greenlet.throw(Killed())

    def _begin(self) -> None:
        self._greenlet.switch()

    def _run(self) -> None:
        with contextlib.suppress(Killed):
            self._work()


class SimulatedSignal:
    """Implements `Signal`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.sent = False
        self._scheduler = scheduler
        self._waits: list[Wait] = []

    def send(self) -> None:
        if not self.sent:
            self.sent = True
            for wait in self._waits:
                self._scheduler.after(0.0, wait)

    def wait(self, seconds: float | None = None) -> bool:
        if not self.sent:
            self._waits.append(self._scheduler.wait(seconds))
            self._scheduler.let_others_run()
        return self.sent


class SimulatedGreenlets:
    """Implements `Greenlets` for one process, which can be killed with all it does."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._tasks: list[Task] = []

    def monotonic(self) -> float:
        return self._scheduler.time

    def now(self) -> datetime:
        return time_of_day(self._scheduler.time)

    def sleep(self, seconds: float) -> None:
        self._scheduler.pause(max(0.0, seconds))

    def signal(self) -> SimulatedSignal:
        return SimulatedSignal(self._scheduler)

    def spawn(self, work: Callable[[], None]) -> Task:
        task = self._scheduler.spawn(work)
        self._tasks.append(task)
        return task

    def current(self) -> object:
        return getcurrent()

    def kill(self) -> None:
        """End all of it but for what calls this, which has to end by itself."""
        for task in self._tasks:
            task.kill()


def time_of_day(seconds: float) -> datetime:
    return BEGINNING + timedelta(seconds=seconds)
