"""When a process is started again, and when it counts as stuck. Times are seconds of a clock that only goes on."""

SHORTEST_DELAY, LONGEST_DELAY = 0.5, 30.0

SECONDS_OF_HEALTH = 30.0
"""After so long, a process that ends has not failed to start."""

SECONDS_TO_START = 60.0
"""For a process to reach itself for the first time. Many that start at once keep each other waiting."""

SECONDS_OF_SILENCE = 20.0
"""For a process that has reached itself before."""

SECONDS_OF_TRUST = 5.0
"""As long as everybody was heard of since then, the broker works, and need not be asked."""


class Patience:
    """How long to wait before a process is started again: twice as long each time, unless it was well for a while."""

    def __init__(self) -> None:
        self._failures = 0

    def delay(self, healthy: float) -> float:
        """
        Args:
            healthy: for how long the process that has ended was well.
        """
        if healthy >= SECONDS_OF_HEALTH:
            self._failures = 0
        self._failures += 1
        return min(LONGEST_DELAY, SHORTEST_DELAY * 2.0 ** (self._failures - 1))


class Pulse:
    """The signs of life of one process.

    Args:
        now: when it was started.
    """

    def __init__(self, now: float) -> None:
        self._first: float | None = None
        self._last = now

    @property
    def proven(self) -> bool:
        """Whether it has given a sign of life at all."""
        return self._first is not None

    @property
    def healthy(self) -> float:
        """For how long it was well."""
        return 0.0 if self._first is None else self._last - self._first

    def beat(self, now: float) -> None:
        """It has given a sign of life."""
        self._first = self._first or now
        self._last = now

    def excuse(self, now: float) -> None:
        """That nothing was heard until now was not its fault."""
        self._last = max(self._last, now)

    def in_doubt(self, now: float) -> bool:
        """Whether to look more closely."""
        return not self.proven or now - self._last > SECONDS_OF_TRUST

    def stuck(self, now: float) -> bool:
        """Whether it will not come back by itself."""
        return now - self._last > (SECONDS_OF_SILENCE if self.proven else SECONDS_TO_START)
