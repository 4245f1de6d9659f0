"""Rules of restarting: the backoff, and when a process counts as stuck. Times are seconds of the monotonic clock."""

SHORTEST_DELAY, LONGEST_DELAY = 0.5, 30.0

SECONDS_OF_HEALTH = 30.0
"""A process that ends after so long has not failed to start."""

SECONDS_TO_START = 60.0
"""Until the first heartbeat of a process. Many that start together slow each other down."""

SECONDS_OF_SILENCE = 20.0
"""Between heartbeats of a process that has sent one before."""

SECONDS_OF_TRUST = 5.0
"""With a heartbeat of every process since then, the broker works and need not be checked."""


class Patience:
    """Restart backoff: doubles with each failure, and starts again after a healthy run."""

    def __init__(self) -> None:
        self._failures = 0

    def delay(self, healthy: float) -> float:
        """Seconds to wait.

        Args:
            healthy: for how many seconds the process that has ended was healthy.
        """
        if healthy >= SECONDS_OF_HEALTH:
            self._failures = 0
        self._failures += 1
        return min(LONGEST_DELAY, SHORTEST_DELAY * 2.0 ** (self._failures - 1))


class ProcessPulse:
    """Heartbeats of one process.

    Args:
        now: when the process was started.
    """

    def __init__(self, now: float) -> None:
        self._first: float | None = None
        self._last = now

    @property
    def proven(self) -> bool:
        """Whether the process has sent a heartbeat."""
        return self._first is not None

    @property
    def healthy(self) -> float:
        """Seconds from the first heartbeat to the last."""
        return 0.0 if self._first is None else self._last - self._first

    def beat(self, now: float) -> None:
        """Record a heartbeat."""
        self._first = self._first or now
        self._last = now

    def excuse(self, now: float) -> None:
        """Count the silence until now as no fault of the process."""
        self._last = max(self._last, now)

    def in_doubt(self, now: float) -> bool:
        """Whether the process needs a closer look."""
        return not self.proven or now - self._last > SECONDS_OF_TRUST

    def stuck(self, now: float) -> bool:
        """Whether the process will not recover by itself."""
        return now - self._last > (SECONDS_OF_SILENCE if self.proven else SECONDS_TO_START)
