"""The plan of faults: order and times, chosen by the seed and spread over the orders."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

FIRST, LAST = 0.02, 0.95
"""Share of all orders answered before the first fault, and before the last."""


class Kind(StrEnum):
    """The effect of a fault on its target."""

    KILL = "kill"
    BROKER = "kill the broker"
    WIPE = "delete the database"


@dataclass(frozen=True)
class Fault:
    """A fault, injected once so many orders are answered. `target`: a process or a service."""

    answered: int
    kind: Kind
    target: str

    def __str__(self) -> str:
        return self.kind if self.kind is Kind.BROKER else f"{self.kind} of {self.target}"


def planned(
    *, orders: int, processes: Sequence[str], kills: int, databases: Sequence[str], broker_kills: int, seed: int
) -> Sequence[Fault]:
    """A plan that kills each process `kills` times and deletes each database once, in the seed's order."""
    wanted = [(Kind.KILL, name) for name in processes for _ in range(kills)]
    wanted += [(Kind.WIPE, name) for name in databases]
    wanted += [(Kind.BROKER, "broker")] * broker_kills
    random.Random(seed).shuffle(wanted)
    span = max(1, len(wanted) - 1)
    return [
        Fault(round(orders * (FIRST + (LAST - FIRST) * number / span)), kind, target)
        for number, (kind, target) in enumerate(wanted)
    ]
