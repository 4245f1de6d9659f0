"""The event store's part of the audit: the log is unchanged since it was written."""

from collections.abc import Sequence

from nameko.extensions import DependencyProvider

from event_store_svc.dependencies import LogStore, Unopened
from event_store_svc.log import StoredLog
from shop.audit.background import BackgroundAudit, ReadingProgress
from shop.audit.checks import Check

CHAIN = "positions gapless, hash chain intact"
AT_ONCE = 1_000
"""Commits to check between reports of progress."""


class ChainAudits(DependencyProvider):
    """Dependency provider of the audit of the log in the service's `LogStore`."""

    def setup(self) -> None:
        store = next(found for found in self.container.dependencies if isinstance(found, LogStore))
        self._audit = BackgroundAudit(self.container.service_name, lambda progress: check_chain(store.log, progress))

    def stop(self) -> None:
        self._audit.stop()

    def get_dependency(self, worker_ctx: object) -> BackgroundAudit:  # noqa: ARG002 - Nameko's signature
        return self._audit


def check_chain(log: StoredLog | Unopened, progress: ReadingProgress) -> Sequence[Check]:
    """Check the whole hash chain, part by part."""
    progress.head, reached = log.head()["head"], 0
    while reached < progress.head:
        verdict = log.verify(reached, AT_ONCE)
        if not verdict["ok"]:
            progress.position = progress.head
            return [Check(CHAIN, ok=False, detail=verdict["detail"])]
        reached = progress.position = verdict["position"]
    return [Check(CHAIN, ok=True, detail=f"{reached:,} commits, each follows the one before{_repairs(log)}")]


def _repairs(log: StoredLog | Unopened) -> str:
    stream = log.clock.stream
    repairs = log.read_streams([(stream, 0)])["streams"][stream]["events"]
    if not repairs:
        return ""
    last, said = repairs[-1], "once" if len(repairs) == 1 else f"{len(repairs)} times"
    where, times = f"{last['position']:,}", f"from {last['data']['last_time']} to {last['data']['time']}"
    return f"; the clock was repaired {said}, last at position {where}, {times}"
