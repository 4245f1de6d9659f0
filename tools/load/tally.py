"""What became of many requests."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Requests so far: how long each took (seconds), and how it ended (HTTP status; 0 without an answer)."""

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
        """Answers per second, from the beginning to the last one."""
        return len(self.seconds) / max(self.ended - self.began, 0.001)

    @property
    def failed(self) -> int:
        """Requests without an answer, or with one that says that the shop could not."""
        return sum(number for status, number in self.statuses.items() if not status or status >= 500)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent do not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
