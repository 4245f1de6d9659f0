"""Dangers, and how often they strike: drawn anew for each seed, so that every seed has dangers of its own."""

import random
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Climate:
    """The dangers of one run, each as a chance from 0 to 1.

    Attributes:
        crash: a process ends, before or after what it was doing took effect.
        loss: a call or its answer does not arrive; the caller hears of it after a while.
        late: a call takes effect long after its caller has given up.
        stall: a process stands still for longer than its lease.
        outage: the event store ends, before or after a group is on disk.
        drop, double, delay: a message on the bus is lost, arrives twice or late.
        wipe: a read model is deleted, in any second.
        hurry: seconds, within which the orders come.
    """

    crash: float = 0.0
    loss: float = 0.0
    late: float = 0.0
    stall: float = 0.0
    outage: float = 0.0
    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    wipe: float = 0.0
    hurry: float = 6.0

    @classmethod
    def of(cls, chance: random.Random) -> "Climate":
        def some(most: float) -> float:
            return chance.choice((0.0, most / 4, most))

        return cls(
            crash=some(0.02),
            loss=some(0.04),
            late=some(0.02),
            stall=some(0.006),
            outage=some(0.04),
            drop=some(0.6),
            double=some(0.4),
            delay=some(0.4),
            wipe=some(0.05),
            hurry=chance.choice((0.2, 2.0, 6.0)),
        )

    def calm(self) -> "Climate":
        return replace(Climate(), hurry=self.hurry)
