"""Publishes commits to the services. Best effort: a subscription that misses a message reads the log."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import eventlet
import structlog
from eventlet.event import Event
from eventlet.semaphore import Semaphore

from event_store_svc.commits import blanked
from event_store_svc.domain import AppendPlan, Link
from shop.contracts.wire import KeptCommit
from shop.service.failpoints import Point, failpoint

COMMITTED = "committed"

MAX_MESSAGE = 256 * 1024
"""Bytes of commits in one message."""

LAST_CHANCE = 2.0
"""Seconds for which a slow broker can delay the end of the process."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Commits after a position. `commits` is empty if they are too large for a message, or not consecutive.

    Args:
        size: bytes of all commits, also of those left out.
    """

    after: int
    head: int
    commits: Sequence[KeptCommit]
    size: int

    @classmethod
    def of(cls, links: Sequence[Link]) -> "News":
        size = sum(len(link.body) for link in links)
        after, head = links[0].commit["position"] - 1, links[-1].commit["position"]
        whole = size <= MAX_MESSAGE and head - after == len(links)
        return cls(after, head, [blanked(link.commit) for link in links] if whole else [], size)

    def then(self, later: "News") -> "News":
        """Both merged; with commits of another process in between, `commits` is empty, and readers read the log."""
        size = self.size + later.size
        whole = size <= MAX_MESSAGE and self.head == later.after and self.commits and later.commits
        return News(self.after, later.head, [*self.commits, *later.commits] if whole else [], size)

    @property
    def types(self) -> Iterator[str]:
        """Types of all events in the commits."""
        return (event["type"] for commit in self.commits for event in commit["events"])

    def dump(self, log_id: str) -> dict[str, Any]:
        """The message."""
        return {"log": log_id, "after": self.after, "head": self.head, "commits": self.commits}


class Announcer:
    """The publishing greenlet. While the broker is slow or down, pending news are merged into one message.

    Args:
        log_id: the log's name for subscriptions.
        publish: sends a message; may block and fail.
    """

    def __init__(self, log_id: Callable[[], str], publish: Callable[[dict[str, Any]], None]) -> None:
        self._log_id = log_id
        self._publish = publish
        self._news: News | None = None
        self._wake = Semaphore(0)
        self._open = True
        self._ended = Event()

    def tell(self, plan: AppendPlan) -> None:
        """Publish the commits of a plan soon. Never blocks."""
        if plan.links:
            news = News.of(plan.links)
            self._news = self._news.then(news) if self._news else news
            self._wake.release()

    def run(self) -> None:
        """Publish, until `stop`."""
        while self._open or self._news:
            self._wake.acquire()
            if news := self._news:
                self._news = None
                self._tell_everybody(news)
        self._ended.send()

    def stop(self) -> None:
        """Return when all news are published, or after LAST_CHANCE."""
        self._open = False
        self._wake.release()
        with eventlet.Timeout(LAST_CHANCE, False):
            self._ended.wait()

    def _tell_everybody(self, news: News) -> None:
        try:
            failpoint(Point.BEFORE_DISPATCH, news.types)
            self._publish(news.dump(self._log_id()))
            failpoint(Point.AFTER_DISPATCH, news.types)
        except Exception as error:  # noqa: BLE001 - broker failures must not affect the log
            logger.warning("nobody was told of new commits", after=news.after, head=news.head, error=repr(error))
