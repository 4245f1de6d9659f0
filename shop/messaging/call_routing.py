"""Routing of calls to one of a service's processes, by consumer priority."""

import time
from enum import Enum, auto


class CallRouting(Enum):
    """Values of a service's attribute `asked`: the preferred process.

    The others get calls while its prefetch limit is reached, or after its end.
    """

    IN_TURNS = auto()
    OLDEST = auto()
    FOLLOWER = auto()
    """The leader, which follows the log; of several that believe to be it, the last to begin."""


def now() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


BEGAN = now()
"""Start time of this process, Unix time in milliseconds."""


def priority_of_the_oldest() -> dict[str, int]:
    """Consumer arguments with a priority that falls with the process's start time."""
    return {"x-priority": -BEGAN}


def priority_of_the_latest() -> dict[str, int]:
    """Consumer arguments with a higher priority than all earlier ones."""
    return {"x-priority": now()}
