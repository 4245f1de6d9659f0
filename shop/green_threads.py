"""Green threads: a blocking call yields to other threads. Must be patched in before all other imports."""

import threading
from typing import Any


def patch_standard_library() -> None:
    """Replace all blocking parts of the standard library by eventlet's."""
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
