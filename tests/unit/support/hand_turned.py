"""Green threads whose time passes only when the test turns the clock."""

from datetime import datetime
from math import inf

from shop.service.greenlets import Eventlet, EventletSignal
from tests.support.clock import FakeClock
from tests.support.waiting import let_others_run

TURNS = 20
"""More than any green thread of these tests takes before it waits for something."""


class HandTurned(Eventlet):
    """Implements `Greenlets`."""

    def __init__(self) -> None:
        self._clock = FakeClock()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        let_others_run()
        self.signal().wait(seconds)

    def signal(self) -> "HandTurnedSignal":
        return HandTurnedSignal(self)

    def turn(self, seconds: float) -> None:
        """Let everybody do what is due now, then so many seconds pass, then do what is due by then."""
        let_others_run(TURNS)
        self._clock.turn(seconds)
        let_others_run(TURNS)


class HandTurnedSignal(EventletSignal):
    """Implements `Signal`."""

    def __init__(self, greenlets: HandTurned) -> None:
        super().__init__()
        self._greenlets = greenlets

    def wait(self, seconds: float | None = None) -> bool:
        deadline = inf if seconds is None else self._greenlets.monotonic() + seconds
        while not self.sent and self._greenlets.monotonic() < deadline:
            let_others_run()
        return self.sent
