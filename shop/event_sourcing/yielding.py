"""Batching under load: yields to the rest of a busy process, so that more work gathers for the next batch."""

from collections import deque

from shop.service.greenlets import EVENTLET, Greenlets

LATEST = 3
"""Rounds of the hub by which load is measured. A single long one proves nothing."""

ROUNDS = 15
"""Additional rounds to yield for."""

LONGEST = 0.015
"""Limit in seconds."""


class Yielding:
    """For work that is cheaper in larger batches, such as that of subscriptions.

    The time until a yielding greenlet runs again measures the load. In an idle process it is some microseconds, and
    there is no further wait. With all services in one process, it is a millisecond or two.
    """

    def __init__(self, greenlets: Greenlets = EVENTLET) -> None:
        self._greenlets = greenlets
        self._rounds = deque([0.0] * LATEST, maxlen=LATEST)

    def give_way(self) -> None:
        """Yield once; in a busy process, for some rounds more."""
        began = self._greenlets.monotonic()
        self._greenlets.sleep(0)
        self._rounds.append(self._greenlets.monotonic() - began)
        self._greenlets.sleep(min(ROUNDS * min(self._rounds), LONGEST))
