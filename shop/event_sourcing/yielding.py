"""Giving way to the rest of a busy process, so that more has gathered by one's next turn."""

from collections import deque

from shop.service.greenlets import EVENTLET, Greenlets

LATEST = 3
"""Rounds of the hub that say whether the process is busy. A single long one says nothing."""

ROUNDS = 15
"""How many more of them to give way for."""

LONGEST = 0.015
"""Seconds."""


class Yielding:
    """For work that costs less the more of it is done at once: batches of whoever follows the log.

    How busy a process is shows in how long one waits for one's turn when one has just given it up. Where nobody else
    wants to run, that is some microseconds, and nothing is waited for. Where all services are in one process, it is
    a millisecond or two.
    """

    def __init__(self, greenlets: Greenlets = EVENTLET) -> None:
        self._greenlets = greenlets
        self._rounds = deque([0.0] * LATEST, maxlen=LATEST)

    def give_way(self) -> None:
        """Let the others run once; while the process is busy, for some rounds."""
        began = self._greenlets.monotonic()
        self._greenlets.sleep(0)
        self._rounds.append(self._greenlets.monotonic() - began)
        self._greenlets.sleep(min(ROUNDS * min(self._rounds), LONGEST))
