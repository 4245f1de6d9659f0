"""Turns: greenlets of one process that want the same thing get it one after the other, first come, first served."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from shop.service.greenlets import EVENTLET, Greenlets, Signal


class Turns:
    """A queue for each name, as long as somebody waits in it."""

    def __init__(self, greenlets: Greenlets = EVENTLET) -> None:
        self._greenlets = greenlets
        self._queues: defaultdict[str, deque[Signal]] = defaultdict(deque)

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """Wait until everybody who came before has left."""
        mine = self._greenlets.signal()
        queue = self._queues[name]
        queue.append(mine)
        try:
            if queue[0] is not mine:
                mine.wait()
            yield
        finally:
            self._leave(name, mine)

    def _leave(self, name: str, mine: Signal) -> None:
        queue = self._queues[name]
        queue.remove(mine)
        if queue:
            queue[0].send()
        else:
            del self._queues[name]
