"""A fair lock per key, for greenlets of one process: first come, first served."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from shop.service.greenlets import EVENTLET, Greenlets, Signal


class KeyedLock:
    """A waiting queue per key, which exists while a greenlet holds or awaits the lock."""

    def __init__(self, greenlets: Greenlets = EVENTLET) -> None:
        self._greenlets = greenlets
        self._queues: defaultdict[str, deque[Signal]] = defaultdict(deque)

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """Hold the key's lock, after all earlier greenlets have released it."""
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
