"""Events that a service cannot handle: after six tries they are set aside, with all later ones of the same saga.

They wait in the event store, in order, until an operator has them tried again. Everything else goes on.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from shop.contracts.commits import RecordedEvent
from shop.event_sourcing.event_store import Checkpoint, DeadLetter, EventStoreClient
from shop.event_sourcing.reactions import Job, ReactionFailed, Reactor
from shop.service.greenlets import Greenlets

log = structlog.get_logger(__name__)

TRIES = 6
PROJECTION = "projection:"
"""Dead letters of projections bear the method's name behind this."""


def pause_between_tries(attempt: int) -> float:
    """Seconds before an exception of the service's own is provoked again: 0.04 to 0.64, for nothing else goes on."""
    return 0.02 * 2.0**attempt


class SetAside:
    """The dead letters of one service, and the reactions that are not among them."""

    def __init__(self, service: str, store: EventStoreClient, reactor: Reactor, greenlets: Greenlets) -> None:
        self._service = service
        self._store = store
        self._reactor = reactor
        self._greenlets = greenlets
        self._first: dict[str, int] = {}
        self._letters: set[tuple[int, str]] = set()
        self._projections: set[tuple[int, str]] = set()
        self._tries: Counter[tuple[int, str]] = Counter()

    def load(self) -> None:
        """Read from the event store what was set aside before."""
        letters = self._store.dead_letters(self._service)
        self._projections = {(a.position, a.reaction) for a in letters if a.reaction.startswith(PROJECTION)}
        self._first, self._letters = {}, set()
        for letter in letters:
            if not letter.reaction.startswith(PROJECTION):
                self._note(letter)

    def carry_out(self, jobs: Sequence[Job], checkpoint: Checkpoint) -> None:
        """Have the reactions carried out; set aside those that keep failing, and those behind them."""
        while True:
            behind = [job for job in jobs if self._is_behind(job)]
            # Those that are set aside already, by a process that did not live to move on, keep what is said of them.
            self._keep([_letter(job, WAITING, 0) for job in behind if job.key not in self._letters])
            jobs = [job for job in jobs if job not in behind]
            try:
                return self._reactor.carry_out(jobs, checkpoint)
            except ReactionFailed as failure:
                jobs = self._failed(failure, jobs)

    def _failed(self, failure: ReactionFailed, jobs: Sequence[Job]) -> Sequence[Job]:
        """Those jobs that are still to be carried out."""
        job = failure.job
        if self._try_again(job.key, job.recorded, failure.__cause__):
            return jobs
        self._keep([_letter(job, repr(failure.__cause__), TRIES)])
        return [other for other in jobs if other is not job]

    def _is_behind(self, job: Job) -> bool:
        """Whether its event, or an earlier one of its correlation id, is set aside."""
        first = self._first.get(job.recorded.correlation_id)
        return first is not None and first <= job.recorded.position

    def _keep(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            self._store.set_aside(self._service, letters)
        for letter in letters:
            self._note(letter)

    def _note(self, letter: DeadLetter) -> None:
        self._letters.add((letter.position, letter.reaction))
        self._first.setdefault(letter.correlation_id, letter.position)

    def _try_again(self, key: tuple[int, str], recorded: RecordedEvent, error: BaseException | None) -> bool:
        self._tries[key] += 1
        attempt = self._tries[key]
        log.warning(
            "event not handled" if attempt < TRIES else "event set aside",
            service=self._service,
            reaction=key[1],
            position=recorded.position,
            correlation_id=recorded.correlation_id,
            attempt=attempt,
            error=repr(error),
        )
        if attempt < TRIES:
            self._greenlets.sleep(pause_between_tries(attempt))
            return True
        del self._tries[key]
        return False

    # Projections

    def is_projection_aside(self, recorded: RecordedEvent, name: str) -> bool:
        return (recorded.position, PROJECTION + name) in self._projections

    def projection_failed(self, recorded: RecordedEvent, name: str, error: Exception) -> None:
        """Count a failure of a projection; the sixth sets the event aside for it."""
        key = (recorded.position, PROJECTION + name)
        if not self._try_again(key, recorded, error):
            letter = DeadLetter(
                position=recorded.position,
                correlation_id=recorded.correlation_id,
                reaction=PROJECTION + name,
                error=repr(error),
                attempts=TRIES,
            )
            self._store.set_aside(self._service, [letter])
            self._projections.add(key)

    # Trying again, on request

    def retry(
        self,
        correlation_ids: Sequence[str],
        jobs_of: Callable[[RecordedEvent], Sequence[Job]],
        rebuild: Callable[[], None],
    ) -> None:
        """Handle what was set aside for these correlation ids, in order, as far as it can be handled now."""
        wanted = set(correlation_ids)
        letters = [letter for letter in self._store.dead_letters(self._service) if letter.correlation_id in wanted]
        for correlation_id in wanted:
            mine = [letter for letter in letters if letter.correlation_id == correlation_id]
            if any(letter.reaction.startswith(PROJECTION) for letter in mine):
                # A read model with a hole cannot be mended in place: later events were applied without this one.
                self._projections -= {(letter.position, letter.reaction) for letter in mine}
                rebuild()
            self._retry_one(correlation_id, mine, jobs_of)

    def _retry_one(
        self, correlation_id: str, letters: Sequence[DeadLetter], jobs_of: Callable[[RecordedEvent], Sequence[Job]]
    ) -> None:
        events = self._store.read_correlations([correlation_id])[correlation_id]
        for letter in letters:
            at = [event for event in events if event.position == letter.position]
            jobs = [job for event in at for job in jobs_of(event) if job.name == letter.reaction]
            try:
                self._reactor.carry_out(jobs)
            except ReactionFailed as failure:
                again = _letter(failure.job, repr(failure.__cause__), letter.attempts + 1)
                self._store.set_aside(self._service, [again])
                return
            self._store.settle(self._service, correlation_id, letter.position)
        self._first.pop(correlation_id, None)


WAITING = "waits behind an earlier event of the same saga"


def _letter(job: Job, error: str, attempts: int) -> DeadLetter:
    return DeadLetter(
        position=job.recorded.position,
        correlation_id=job.recorded.correlation_id,
        reaction=job.name,
        error=error,
        attempts=attempts,
    )
