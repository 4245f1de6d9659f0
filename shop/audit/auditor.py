"""One service's audit: checks on the log, and a comparison of its read model with the log, up to one position."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shop.audit.background import ReadingProgress
from shop.audit.checks import Check, Faults, LogCheck, settled_before
from shop.audit.kept_states import KeptStates
from shop.audit.rows import ExpectedRows, compare
from shop.contracts.commits import RecordedEvent, events_of
from shop.contracts.deciders import Decider
from shop.contracts.errors import NotReady
from shop.contracts.events import Event
from shop.contracts.names import credential_stream
from shop.event_sourcing.event_store import EventStoreClient
from shop.read_models.read_model import ReadModel

AT_ONCE = 200
"""Commits to read and check before other greenlets run."""

SECRET = credential_stream("")
"""Prefix of streams whose events are secret."""


class LogReader:
    """Reads the log once for all checks. An unreadable event counts as a fault of its own."""

    def __init__(self, store: EventStoreClient, readers: Sequence[Callable[[RecordedEvent, Event], None]]) -> None:
        self._store = store
        self._readers = readers
        self.unreadable = Faults()
        self.position = 0

    def read_to(self, position: int, progress: ReadingProgress) -> None:
        """Read on, up to exactly this position."""
        while self.position < position:
            page = self._store.read_all(self.position, min(AT_ONCE, position - self.position))
            if not page.commits:
                raise LookupError(f"the log ends before position {position}")
            for recorded in events_of(page.commits):
                self._hand_on(recorded)
            self.position = progress.position = page.commits[-1].position

    def _hand_on(self, recorded: RecordedEvent) -> None:
        if recorded.stream.startswith(SECRET):
            return
        try:
            event = recorded.event
        except (KeyError, TypeError, ValueError) as error:
            self.unreadable.add(
                "{type} at {position}: {error}", type=recorded.type, position=recorded.position, error=error
            )
            return
        for read in self._readers:
            read(recorded, event)


class Auditor:
    """Audits a service.

    Args:
        checks: creates the checks on the log.
        expected: creates the expected rows of the read model.
        order_timeout: seconds that an order may wait for its decision.
        deciders: deciders by kind of stream, to check the snapshots.
    """

    def __init__(
        self,
        service: str,
        *,
        store: EventStoreClient,
        model: ReadModel,
        checks: Sequence[type[LogCheck]],
        expected: Callable[[], ExpectedRows],
        order_timeout: float,
        deciders: Mapping[str, Decider[Any]] | None = None,
    ) -> None:
        self._service = service
        self._store = store
        self._model = model
        self._checks = checks
        self._expected = expected
        self._order_timeout = order_timeout
        self._deciders = deciders or {}

    def run(self, progress: ReadingProgress) -> Sequence[Check]:
        """Check everything up to the log's present end."""
        now = datetime.now(UTC)
        # Read before the log's end: so all their versions are before it.
        kept = KeptStates(self._store.list_snapshots() if self._deciders else (), self._deciders)
        _, progress.head = self._store.head()
        checks, expected = [check() for check in self._checks], self._expected()
        reader = LogReader(self._store, [*(check.add for check in checks), expected.add, kept.add])
        shown = self._compare(reader, expected, progress)
        reader.read_to(progress.head, progress)
        settled = settled_before(now, self._order_timeout)
        readable = [Check.of("events can be read", reader.unreadable, "")] if reader.unreadable else []
        return [*readable, *(check.verdict(settled) for check in checks), *kept.verdicts(), shown]

    def _compare(self, reader: LogReader, expected: ExpectedRows, progress: ReadingProgress) -> Check:
        """Compare the read model with the log, read up to the read model's position."""
        name = f"read model of {self._service} equals the log"
        try:
            reader.read_to(self._shown(), progress)
            with self._model.snapshot() as shown:
                return compare(name, expected, shown, lambda position: reader.read_to(position, progress))
        except NotReady:
            return Check(name, ok=False, detail="the read model is being built")

    def _shown(self) -> int:
        """The read model's position; it advances while the log is read."""
        return next((found.position for found in self._model.namespaces() if found.current), 0)
