"""A clock that stands until a test turns it."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Takes the place of the module `time`, and tells dates.

    Args:
        now: seconds on the monotonic clock.
        date: the time on the wall clock at that moment.
    """

    def __init__(self, now: float = 1_000.0, date: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)) -> None:
        self.seconds = now
        self._began, self._date = now, date

    def monotonic(self) -> float:
        return self.seconds

    perf_counter = monotonic

    def time(self) -> float:
        return self.now().timestamp()

    def now(self) -> datetime:
        return self._date + timedelta(seconds=self.seconds - self._began)

    def sleep(self, seconds: float) -> None:
        """The time passes at once."""
        self.turn(seconds)

    def turn(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.seconds += seconds
