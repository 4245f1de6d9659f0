"""Green threads: a blocking call lets other threads run. Patched in before anything else is imported."""

import threading
from typing import Any


def patch_standard_library() -> None:
    """Have eventlet replace everything in the standard library that blocks."""
    import eventlet

    # From Python 3.13.3 on, this method has a lock of `threading` as a default argument. eventlet does not look there:
    # it would stay a lock of real threads, and each start would say "1 RLock(s) were not greened".
    own = vars(threading)
    method: Any = getattr(own.get("_DeleteDummyThreadOnDel"), "__del__", None)
    holds_lock = method is not None and method.__defaults__ is not None
    if holds_lock:
        method.__defaults__ = None
    eventlet.monkey_patch()
    if holds_lock:
        method.__defaults__ = (own["_active_limbo_lock"], own["_active"])
