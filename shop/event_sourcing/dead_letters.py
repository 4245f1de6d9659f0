"""Dead letters: events that a service cannot handle after six attempts, and all later events of the same saga.

They wait in the event store, in order, until an operator requests a retry. All other sagas continue.
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
"""Prefix of a projection's name in its dead letters."""


def pause_between_tries(attempt: int) -> float:
    """Backoff in seconds after a service's own exception: 0.04 to 0.64, short because the whole subscription waits."""
    return 0.02 * 2.0**attempt


class SetAside:
    """Dead letters of one service, and the reactions that are not among them."""

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
        """Load the dead letters from the event store."""
        letters = self._store.dead_letters(self._service)
        self._projections = {(a.position, a.reaction) for a in letters if a.reaction.startswith(PROJECTION)}
        self._first, self._letters = {}, set()
        for letter in letters:
            if not letter.reaction.startswith(PROJECTION):
                self._note(letter)

    def carry_out(self, jobs: Sequence[Job], checkpoint: Checkpoint) -> None:
        """Carry out the reactions; move those that keep failing, and later ones of their sagas, to the dead letters."""
        while True:
            behind = [job for job in jobs if self._is_behind(job)]
            # Dead letters of a process that crashed before its checkpoint moved keep their error.
            self._keep([_letter(job, WAITING, 0) for job in behind if job.key not in self._letters])
            jobs = [job for job in jobs if job not in behind]
            try:
                return self._reactor.carry_out(jobs, checkpoint)
            except ReactionFailed as failure:
                jobs = self._failed(failure, jobs)

    def _failed(self, failure: ReactionFailed, jobs: Sequence[Job]) -> Sequence[Job]:
        """The jobs that are still to be carried out."""
        job = failure.job
        if self._try_again(job.key, job.recorded, failure.__cause__):
            return jobs
        self._keep([_letter(job, repr(failure.__cause__), TRIES)])
        return [other for other in jobs if other is not job]

    def _is_behind(self, job: Job) -> bool:
        """Whether its event, or an earlier one of its correlation id, is a dead letter."""
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
        """Count a failure of a projection; at the sixth, the event becomes a dead letter of it."""
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

    # Retries on request

    def retry(
        self,
        correlation_ids: Sequence[str],
        jobs_of: Callable[[RecordedEvent], Sequence[Job]],
        rebuild: Callable[[], None],
    ) -> None:
        """Retry the dead letters of these correlation ids, in order, up to the first that fails again."""
        wanted = set(correlation_ids)
        letters = [letter for letter in self._store.dead_letters(self._service) if letter.correlation_id in wanted]
        for correlation_id in wanted:
            mine = [letter for letter in letters if letter.correlation_id == correlation_id]
            if any(letter.reaction.startswith(PROJECTION) for letter in mine):
                # A read model with a gap cannot be repaired in place: later events were applied without this one.
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
