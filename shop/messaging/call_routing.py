"""Which process of a service is asked: a call goes to the consumer with the highest priority that can take one."""

import time
from enum import Enum, auto


class Asked(Enum):
    """What a service may say as `asked`: this process, and others while that one has all it can take, or is gone."""

    IN_TURNS = auto()
    OLDEST = auto()
    FOLLOWER = auto()
    """The process that follows the log; of several that believe they do, the last to begin."""


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


BEGAN = now()
"""When this process did."""


def priority_of_the_oldest() -> dict[str, int]:
    """A consumer's arguments."""
    return {"x-priority": -BEGAN}


def priority_of_the_latest() -> dict[str, int]:
    """A consumer's arguments: more than those of processes that have had this before."""
    return {"x-priority": now()}
