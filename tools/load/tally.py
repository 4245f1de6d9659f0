"""Statistics of many requests."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Requests so far: duration (seconds) and outcome (HTTP status; 0 without an answer) of each."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0

    def add(self, seconds: float, status: int) -> None:
        self.seconds.append(seconds)
        self.statuses[status] += 1
        self.ended = time.monotonic()

    @property
    def rate(self) -> float:
        """Answers per second, from the start to the last one."""
        return len(self.seconds) / max(self.ended - self.began, 0.001)

    @property
    def failed(self) -> int:
        """Requests without an answer, or with a server error."""
        return sum(number for status, number in self.statuses.items() if not status or status >= 500)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent do not exceed; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
