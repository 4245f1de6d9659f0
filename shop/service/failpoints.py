"""Failpoints: named points at which a test kills the process, like a power cut. Inactive by default.

`SHOP_FAILPOINTS` names a folder. A process that passes a point with an event deletes the file `<point>@<event type>`
from there, if it exists, and kills itself: so each file kills one process, once.
"""

import os
import signal
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path


class Point(StrEnum):
    """Points at which a process can be killed; each is passed with the types of the events in progress."""

    BEFORE_APPEND = "before append"
    """A service has decided, and has not called the event store."""
    AFTER_APPEND = "after append"
    """A service has the event store's answer, and has done nothing with it."""
    BEFORE_WRITE = "before write"
    """The event store has a group of commits, none of which is in the database."""
    AFTER_WRITE = "after write"
    """The commits are on disk, and not acknowledged."""
    BEFORE_REPLY = "before reply"
    """A service has carried out a call; the method's name replaces the event type."""
    AFTER_REPLY = "after reply"
    """The reply is sent, the request not acknowledged."""
    BEFORE_DISPATCH = "before dispatch"
    """The commits are acknowledged, and not published."""
    AFTER_DISPATCH = "after dispatch"
    BEFORE_PROJECTION = "before projection"
    """A read model is about to project a batch of events."""
    IN_PROJECTION = "in projection"
    """An event is projected, and the transaction is not committed."""
    AFTER_PROJECTION = "after projection"
    BEFORE_SWITCH = "before switch"
    """A new read model has caught up; the service's name replaces the event type."""
    AFTER_SWITCH = "after switch"


def failpoint(point: Point, events: Iterable[str]) -> None:
    """Kill the process here, if a test requests it for one of these event types."""
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
