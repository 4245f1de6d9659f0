"""Runs work that takes longer than a call may, in a greenlet of its own."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import eventlet
import structlog

from shop.audit.checks import Check
from shop.contracts.codec import dump_time
from shop.contracts.errors import ShopError
from shop.contracts.views import AuditAnswer, AuditProgress, AuditResult

log = structlog.get_logger(__name__)


@dataclass
class ReadingProgress:
    """The position of an audit in the log, and the position where it ends."""

    position: int = 0
    head: int = 0

    def dump(self) -> AuditProgress:
        return {"position": self.position, "head": self.head}


@dataclass(frozen=True)
class Result:
    """The checks of an audit, its time, and the position of the log that it covers.

    `started`: on the monotonic clock.
    """

    position: int
    checked_at: str
    checks: Sequence[Check]
    started: float

    def is_current(self, at_least: int, max_age: float) -> bool:
        return self.position >= at_least and time.monotonic() - self.started <= max_age

    def dump(self) -> AuditResult:
        return {
            "position": self.position,
            "checked_at": self.checked_at,
            "ok": all(check.ok for check in self.checks),
            "checks": [check.dump() for check in self.checks],
        }


class BackgroundAudit:
    """Runs an audit on request, one at a time, and keeps the last result.

    Args:
        service: name for log entries.
        run: does the work; moves the progress, and returns the checks.
    """

    def __init__(self, service: str, run: Callable[[ReadingProgress], Sequence[Check]]) -> None:
        self._service = service
        self._run = run
        self._progress: ReadingProgress | None = None
        self._result: Result | None = None
        self._greenlet: Any = None

    def ask(self, at_least: int, max_age: float) -> AuditAnswer:
        """The last result; one that does not cover enough or is too old starts a new audit.

        Args:
            at_least: a position that the result must cover.
            max_age: seconds since the audit began.

        Returns:
            `{running, result, current}`: `{position, head}` of the running audit, or null; the last one's
            `{position, checked_at, ok, checks: [{name, ok, detail}]}`, or null; whether the result is current.
        """
        current = self._result is not None and self._result.is_current(at_least, max_age)
        if self._progress is None and not current:
            self._progress = ReadingProgress()
            self._greenlet = eventlet.spawn(self._audit, self._progress)
        return {
            "running": self._progress.dump() if self._progress else None,
            "result": self._result.dump() if self._result else None,
            "current": current,
        }

    def stop(self) -> None:
        """Abort the running audit, without a result."""
        if self._greenlet is not None:
            self._greenlet.kill()
        self._progress = None

    def _audit(self, progress: ReadingProgress) -> None:
        began = time.monotonic()
        checked_at = dump_time(datetime.now(UTC))

        def keep(checks: Sequence[Check]) -> None:
            self._result = Result(progress.position, checked_at, checks, began)

        try:
            checks = self._run(progress)
        except ShopError as error:
            log.warning("audit interrupted", service=self._service, error=repr(error))
        except Exception:
            # A failure must become a result: callers wait for one.
            log.exception("audit failed", service=self._service)
            keep([Check("audit", ok=False, detail=f"{self._service} could not be checked")])
        else:
            keep(checks)
        finally:
            self._progress = None
