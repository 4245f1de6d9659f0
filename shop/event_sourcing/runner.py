"""A catch-up subscription: a service's only greenlet in log order, for reactions, then projections, then chores.

Messages on the bus wake it. The commits of a consecutive message are used; otherwise the runner reads from the event
store. So a lost, repeated or late message affects the latency alone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.contracts.errors import ShopError
from shop.contracts.wire import Committed
from shop.event_sourcing.dead_letters import SetAside
from shop.event_sourcing.event_store import Checkpoint, EventStoreClient, Lease, PageOfLog, load_page
from shop.event_sourcing.keyed_lock import KeyedLock
from shop.event_sourcing.projector import Projector
from shop.event_sourcing.reactions import Job, Reaction, Reactor
from shop.event_sourcing.stream_cache import StreamCache
from shop.event_sourcing.yielding import Yielding
from shop.service.greenlets import EVENTLET, Greenlets

log = structlog.get_logger(__name__)

LEASE_SECONDS = 5.0
TICK_SECONDS = 1.0
BATCH = 200
"""Commits per batch."""
MESSAGES_KEPT = 100
SECONDS_FOR_A_MESSAGE = 0.05
"""Time for the message about a caller's commit to arrive, before the runner is told to read."""
POSITIONS_PASSED_AGAIN = 1000
"""Lag of the stored checkpoint behind events without a reaction."""


@dataclass(frozen=True)
class Chore:
    """A periodic task, run when all of the log has been handled."""

    interval: float
    run: Callable[[datetime], None]


class Runner:
    """The subscription of one service.

    Args:
        service: the Nameko name; also the name of the lease and of the checkpoint.
        holder: name of this process, unique among those of the service.
        listen: binds or unbinds the queue of `committed` messages.
    """

    def __init__(
        self,
        *,
        service: str,
        holder: str,
        store: EventStoreClient,
        greenlets: Greenlets = EVENTLET,
        listen: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self.service = service
        self._greenlets = greenlets
        self.states = StreamCache()
        self.turns = KeyedLock(greenlets)
        self._yielding = Yielding(greenlets)
        self.head = 0
        self.active = False
        self.paused = False
        self.reacted = 0
        self._holder = holder
        self._listen = listen
        self._store = store
        self._reactions: Sequence[Reaction] = ()
        self.projector: Projector | None = None
        self._reactor = Reactor(store, self.states, service)
        self._set_aside = SetAside(service, store, self._reactor, greenlets)
        self._chores: dict[Chore, float] = {}
        self._messages: deque[PageOfLog] = deque(maxlen=MESSAGES_KEPT)
        self._log = ""
        self._stored = 0
        self._next_tick = 0.0
        self._wake = greenlets.signal()
        self._stopped = greenlets.signal()
        self._greenlet: object = None

    def serve(
        self,
        *,
        reactions: Sequence[Reaction] = (),
        projector: Projector | None = None,
        chores: Sequence[Chore] = (),
    ) -> None:
        """Set reactions, projector and chores, before `run`."""
        self._reactions = reactions
        self.projector = projector
        self._chores = dict.fromkeys(chores, 0.0)

    # Interface

    def notify(self, message: Committed) -> None:
        """Receive a `committed` message. A standby ignores it."""
        if self.active:
            self._messages.append(load_page(message))
            self.wake()

    def wake(self) -> None:
        self._wake.send()

    def stop(self) -> None:
        """Stop after the current batch."""
        self._stopped.send()
        self.wake()

    def wait_for(self, position: int, seconds: float) -> bool:
        """Whether the read model reaches this position within so many seconds."""
        if self._greenlets.current() is self._greenlet:
            return False  # called by a chore of the runner itself: waiting would be a deadlock
        if self.projector is None or self.projector.wait_for(position, SECONDS_FOR_A_MESSAGE):
            return True
        self.head = max(self.head, position)
        self.wake()
        return self.projector.wait_for(position, seconds)

    def monotonic(self) -> float:
        """Seconds of the runner's monotonic clock."""
        return self._greenlets.monotonic()

    # The greenlet

    def run(self) -> None:
        """Work until stopped. Failures are logged and retried with backoff."""
        failures = 0
        self._greenlet = self._greenlets.current()
        while not self._stopped.sent:
            try:
                self._step()
                failures = 0
                self._sleep(self._next_tick - self._greenlets.monotonic())
            except Exception as error:
                failures += 1
                self._stand_back()
                expected = isinstance(error, ShopError)
                log.warning("log not followed", service=self.service, error=repr(error), exc_info=not expected)
                self._next_tick = 0.0
                self._stopped.wait(retry_delay(failures))
        self._leave()

    def _sleep(self, seconds: float) -> None:
        if seconds > 0 and not self._messages and not self._stopped.sent:
            self._wake.wait(seconds)
        self._wake = self._greenlets.signal()

    def _step(self) -> None:
        if self._greenlets.monotonic() >= self._next_tick:
            self._tick()
        if self.active:
            self._follow()

    def _leave(self) -> None:
        if self.active:
            self._stand_back()
            try:
                self._store.release_lease(self.service, self._holder)
            except ShopError as error:
                log.info("lease not released", service=self.service, error=str(error))

    def _tick(self) -> None:
        """Once a second: renew the lease, read the log's head, run due chores."""
        self._next_tick = self._greenlets.monotonic() + TICK_SECONDS
        if self.projector:
            self.projector.keep_position()
            self.projector.look()
        lease = self._store.lease(self.service, self._holder, LEASE_SECONDS)
        self.head = max(self.head, lease.head) if lease.log == self._log else lease.head
        if not lease.held:
            self._stand_back()
            return
        if not self.active or lease.log != self._log or lease.head < self.reacted:
            self._begin(lease)
        self._follow()
        if lease.retrying and not self.paused:
            self._set_aside.retry(lease.retrying, self._jobs_of, self._rebuild)
        if self.reacted >= lease.head and (self.projector is None or self.projector.ready):
            self._do_chores()

    def _begin(self, lease: Lease) -> None:
        """Become the leader, with empty caches."""
        self._listen(True)
        self.states.clear()
        self._messages.clear()
        self._log = lease.log
        self._stored = self._store.checkpoint(self.service)
        self.reacted = self._stored if self._is_in_log(self._stored, lease) else 0
        self._set_aside.load()
        # After a start, delay chores by one interval, so that services that were also down can catch up.
        self._chores = {chore: self._greenlets.monotonic() + chore.interval for chore in self._chores}
        if self.projector:
            self.projector.begin(lease.log, self._set_aside, self.wake)
        self.active = True
        log.info("follows the log", service=self.service, position=self.reacted, head=lease.head)

    def _is_in_log(self, checkpoint: int, lease: Lease) -> bool:
        """False for an older copy of the log: then all is handled again, and command ids make that idempotent."""
        # The previous leader may have continued since the lease.
        return checkpoint <= lease.head or checkpoint <= self._store.head()[1]

    def _stand_back(self) -> None:
        """Become a standby."""
        self._listen(False)
        self.active = False
        self._messages.clear()
        if self.projector:
            self.projector.end()

    def _follow(self) -> None:
        """Handle all commits; if the log keeps growing, until the next tick is due."""
        while not self._stopped.sent and (page := self._next_page()).commits:
            self._handle(page.commits)
            self._yielding.give_way()
            if self._greenlets.monotonic() >= self._next_tick:
                break
        if self.projector:
            self.projector.switch_if_ready()

    def _next_page(self) -> PageOfLog:
        """The next commits: from consecutive messages, else from the event store."""
        position = self._position()
        if news := self._news(position):
            return PageOfLog(self._log, self.head, news)
        if self.head <= position:
            return PageOfLog(self._log, self.head, ())
        page = self._store.read_all(position, BATCH)
        self.head = max(self.head, page.head)
        return page

    def _news(self, position: int) -> Sequence[RecordedCommit]:
        """Commits after a position in the messages received, up to the first gap."""
        news: list[RecordedCommit] = []
        while self._messages and len(news) < BATCH:
            message = self._messages.popleft()
            self.head = max(self.head, message.head)
            reached = news[-1].position if news else position
            fresh = [commit for commit in message.commits if commit.position > reached]
            if message.log == self._log and fresh and fresh[0].position == reached + 1:
                news += fresh
        return news

    def _position(self) -> int:
        """The position up to which reactions and projections have handled the log."""
        reacted = self.head if self.paused or not self._reactions else self.reacted
        return min(reacted, self.projector.position(self.head)) if self.projector else reacted

    def _handle(self, commits: Sequence[RecordedCommit]) -> None:
        started = self._greenlets.monotonic()
        self._react([commit for commit in commits if commit.position > self.reacted])
        if self.projector:
            self.projector.project(commits)
        log.debug(
            "handled",
            service=self.service,
            position=commits[-1].position,
            commits=len(commits),
            correlation_id=commits[-1].correlation_id,
            milliseconds=round(1000 * (self._greenlets.monotonic() - started), 1),
        )

    def _react(self, commits: Sequence[RecordedCommit]) -> None:
        if not commits or self.paused:
            return
        reached = commits[-1].position
        self.states.passed(commits)
        jobs = [job for commit in commits for event in commit.events for job in self._jobs_of(event)]
        # Without reactions, the checkpoint moves rarely: reading such events again costs next to nothing.
        if jobs or reached - self._stored >= POSITIONS_PASSED_AGAIN:
            self._set_aside.carry_out(jobs, Checkpoint(self.service, self._stored, reached))
            self._stored = reached
        self.reacted = reached

    def _jobs_of(self, event: RecordedEvent) -> Sequence[Job]:
        return [Job(event, r.name, r.handler) for r in self._reactions if event.type in r.types]

    def _rebuild(self) -> None:
        if self.projector:
            self.projector.request_rebuild(self._log)

    def _do_chores(self) -> None:
        now = self._greenlets.monotonic()
        for chore, due in self._chores.items():
            if now >= due:
                self._chores[chore] = now + chore.interval
                chore.run(self._greenlets.now())


def retry_delay(attempt: int) -> float:
    """Exponential backoff in seconds after machine failures: 0.1, 0.2, 0.4 … at most 5."""
    return min(5.0, 0.05 * 2.0 ** min(attempt, 10))
