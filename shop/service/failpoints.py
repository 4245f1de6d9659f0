"""Named points at which a test has the process end, as a power cut would. They do nothing unless they are asked for.

`SHOP_FAILPOINTS` names a folder. A process that passes a point with an event takes the file `<point>@<event type>` away
from there, if there is one, and kills itself: so each file kills one process, once.
"""

import os
import signal
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path


class Point(StrEnum):
    """Where a process can end; each is passed with the types of the events that are at hand there."""

    BEFORE_APPEND = "before append"
    """A service has decided, and has not called the event store."""
    AFTER_APPEND = "after append"
    """It has the answer, and has done nothing with it."""
    BEFORE_WRITE = "before write"
    """The event store has a group of commits, none of which is in the database."""
    AFTER_WRITE = "after write"
    """They are on disk, and nobody has an answer."""
    BEFORE_REPLY = "before reply"
    """A service has carried out a call; its method stands for the event."""
    AFTER_REPLY = "after reply"
    """The reply is sent, the request not acknowledged."""
    BEFORE_DISPATCH = "before dispatch"
    """Who appended has an answer, and nobody else was told."""
    AFTER_DISPATCH = "after dispatch"
    BEFORE_PROJECTION = "before projection"
    """A read model is about to show a batch of events."""
    IN_PROJECTION = "in projection"
    """It shows an event, and its transaction is not at its end."""
    AFTER_PROJECTION = "after projection"
    BEFORE_SWITCH = "before switch"
    """A new read model has caught up; the service's name stands for the event."""
    AFTER_SWITCH = "after switch"


def failpoint(point: Point, events: Iterable[str]) -> None:
    """End the process here, if somebody has asked for that with one of these event types."""
    folder = _folder()
    if folder is None:
        return
    for event in events:
        if _taken(folder / f"{point}@{event}"):
            os.kill(os.getpid(), signal.SIGKILL)


@cache
def _folder() -> Path | None:
    name = os.environ.get("SHOP_FAILPOINTS")
    return Path(name) if name else None


def _taken(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True
