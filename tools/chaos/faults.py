"""What is broken, in which order, and when: chosen by the seed, spread over the orders."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

FIRST, LAST = 0.02, 0.95
"""The share of all orders that are answered before the first fault, and before the last."""


class Kind(StrEnum):
    """What happens to the target."""

    KILL = "kill"
    BROKER = "kill the broker"
    WIPE = "delete the database"


@dataclass(frozen=True)
class Fault:
    """Something to break once so many orders are answered. `target`: a process or a service."""

    answered: int
    kind: Kind
    target: str

    def __str__(self) -> str:
        return self.kind if self.kind is Kind.BROKER else f"{self.kind} of {self.target}"


def planned(
    *, orders: int, processes: Sequence[str], kills: int, databases: Sequence[str], broker_kills: int, seed: int
) -> Sequence[Fault]:
    """Each process is killed so often, and each database deleted once, in an order that the seed chooses."""
    wanted = [(Kind.KILL, name) for name in processes for _ in range(kills)]
    wanted += [(Kind.WIPE, name) for name in databases]
    wanted += [(Kind.BROKER, "broker")] * broker_kills
    random.Random(seed).shuffle(wanted)
    span = max(1, len(wanted) - 1)
    return [
        Fault(round(orders * (FIRST + (LAST - FIRST) * number / span)), kind, target)
        for number, (kind, target) in enumerate(wanted)
    ]
