"""Group commit: all waiting appends are written in one transaction, and each gets its own answer."""

import time
from collections.abc import Callable, Iterator, Sequence

import eventlet
import structlog
from eventlet.event import Event
from eventlet.queue import LightQueue

from event_store_svc.domain import AppendAnswer, AppendCall, AppendPlan, Proposal
from shop.contracts.errors import ServiceUnavailable
from shop.service.failpoints import Point, failpoint

REST = 2.0
"""Pause after a group, as a multiple of its duration: appends that arrive meanwhile join the next group. Each group
costs the disk a sync, and all services a message, a batch and a transaction.
"""
LONGEST_REST = 0.02
"""Seconds."""

MOST_COMMITS = 200
"""Commits in one group, unless a single call has more: on SQLite, writing them blocks all other greenlets."""

logger = structlog.get_logger(__name__)


class Waiting:
    """A call, and the event with its answer."""

    def __init__(self, call: AppendCall) -> None:
        self.call = call
        self._answer = Event()

    def answer(self, answer: AppendAnswer | Exception) -> None:
        if isinstance(answer, Exception):
            self._answer.send_exception(answer)
        else:
            self._answer.send(answer)

    def wait(self) -> AppendAnswer:
        answer: AppendAnswer = self._answer.wait()
        return answer


class Writer:
    """The only greenlet of this process that writes to the log.

    Args:
        write: writes calls: `store.Commits.write`.
        tell: announces the written commits, after the callers have their answers.
    """

    def __init__(self, write: Callable[[Sequence[AppendCall]], AppendPlan], tell: Callable[[AppendPlan], None]) -> None:
        self._write = write
        self._tell = tell
        self._queue: LightQueue = LightQueue()
        self._open = True
        self._rested_at = 0.0
        self._ended = Event()

    def submit(self, call: AppendCall) -> AppendAnswer:
        """Add the call to the next group, and wait for the answer.

        Raises:
            CheckpointMoved: nothing of the call is written; without transactions, its commits may be.
            ServiceUnavailable: the database does not answer, or the writer is stopping.
        """
        if not self._open:
            raise ServiceUnavailable("event_store")
        waiting = Waiting(call)
        self._queue.put(waiting)
        return waiting.wait()

    def run(self) -> None:
        """Write group after group, until `stop`."""
        while self._open or not self._queue.empty():
            if group := self._take_group():
                began = time.monotonic()
                self._write_group(group)
                ended = time.monotonic()
                self._rested_at = ended + min(REST * (ended - began), LONGEST_REST)
            eventlet.sleep(0)
        self._ended.send()

    def stop(self) -> None:
        """Accept no more calls, and return when all waiting ones are answered."""
        self._open = False
        self._queue.put(None)
        self._ended.wait()

    def _take_group(self) -> Sequence[Waiting]:
        """All waiting calls; none after `stop`."""
        taken: list[Waiting | None] = []
        commits = 0
        while commits < MOST_COMMITS and (not taken or not self._queue.empty()):
            newest: Waiting | None = self._queue.get()
            taken.append(newest)
            commits += len(newest.call.proposals) if newest else 0
            if len(taken) == 1:
                # Greenlets that are about to append can still join: that costs less than another group.
                eventlet.sleep(max(0.0, self._rested_at - time.monotonic()))
        return [waiting for waiting in taken if waiting]

    def _write_group(self, group: Sequence[Waiting]) -> None:
        try:
            failpoint(Point.BEFORE_WRITE, _types(group))
            plan = self._write([waiting.call for waiting in group])
            failpoint(Point.AFTER_WRITE, _types(group))
        except ServiceUnavailable as error:
            for waiting in group:
                waiting.answer(type(error)(*error.args))
        except Exception as error:  # noqa: BLE001 - the error is a call's answer
            self._find_culprit(group, error)
        else:
            for waiting, answer in zip(group, plan.answers, strict=True):
                waiting.answer(answer)
            self._tell(plan)

    def _find_culprit(self, group: Sequence[Waiting], error: Exception) -> None:
        """One bad call must not fail the others: write them one by one."""
        if len(group) > 1:
            for waiting in group:
                self._write_group([waiting])
            return
        logger.error("a call cannot be written", exc_info=error)
        group[0].answer(error)


def _types(group: Sequence[Waiting]) -> Iterator[str]:
    """Types of the events in the group."""
    proposals = (proposal for waiting in group for proposal in waiting.call.proposals)
    return (event["type"] for proposal in proposals if isinstance(proposal, Proposal) for event in proposal.events)
