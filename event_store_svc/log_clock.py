"""The clock that dates a log's commits: compared with the log's last time, and repaired."""

from collections.abc import Callable

from event_store_svc.clock import repair, require_plausible
from event_store_svc.domain import Tail
from event_store_svc.restoring import id_in
from event_store_svc.store import Clock, LogStorage
from shop.contracts.codec import dump_time
from shop.contracts.errors import ClockRefused
from shop.contracts.names import clock_stream
from shop.contracts.wire import Appended, ClockReading, ProposedCommit


class LogClock:
    """The clock of one log.

    Args:
        store: an open one.
        append: records a commit, in its RPC form.
        now: the clock by which the store dates commits.
    """

    def __init__(self, store: LogStorage, append: Callable[[ProposedCommit], Appended], now: Clock) -> None:
        self._store = store
        self._append = append
        self._now = now

    def read(self) -> ClockReading:
        """`{now, last_time, refusal}`: `last_time` is null in an empty log, `refusal` if both times agree."""
        tail, now = self._tail(), dump_time(self._now())
        return {"now": now, "last_time": tail.at or None, "refusal": _refusal(tail, now)}

    def repair(self) -> Appended | None:
        """Record that the log continues at the clock's time. Returns: the commit; None if it is not needed."""
        tail, now = self._tail(), dump_time(self._now())
        if _refusal(tail, now) is None:
            return None
        version = self._store.commits.read_streams({self.stream: 0}, budget=0).versions.get(self.stream, 0)
        sent = repair(self._log_id, version=version, position=tail.position, last=tail.at, now=now)
        return self._append(sent.dump())

    @property
    def stream(self) -> str:
        """Stream of the repairs."""
        return clock_stream(self._log_id)

    @property
    def _log_id(self) -> str:
        return id_in(self._store.log_id)

    def _tail(self) -> Tail:
        """The log's last commit."""
        head = self._store.commits.head()
        links = self._store.commits.read(head - 1, limit=1, budget=0) if head else ()
        return links[0].tail if links else Tail.of_empty(self._log_id)


def _refusal(tail: Tail, now: str) -> str | None:
    try:
        require_plausible(tail.at, now)
    except ClockRefused as error:
        return str(error)
    return None
