"""The port of the log's databases. Adapters pass `tests/contract/log`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from event_store_svc.domain import AppendCall, AppendPlan, Link
from shop.contracts.wire import KeptCommit, KeptEvent, KeptLetter, Letter, SnapshotWire

Clock = Callable[[], datetime]
"""The event store's aware time, for new commits, leases and dead letters."""


TRIAL_BYTES = 64 * 1024
TRIAL_SECONDS = 0.8


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StreamCommits:
    """Commits with events of some streams, in log order, and those streams' versions (0 or none of unknown streams).

    The answer may be cut short, but contains at least each stream's next commit.
    """

    versions: Mapping[str, int]
    commits: Sequence[KeptCommit]


class Commits(Protocol):
    """The log's commits. Every method raises ServiceUnavailable when the database does not answer for some seconds.

    Args of the readers:
        budget: bytes of commits in the answer, at least one commit.
    """

    def write(self, calls: Sequence[AppendCall]) -> AppendPlan:
        """Plan the calls on the present state of the log, and carry out the plan, without a write in between.

        Atomic on a database with transactions. Without them, a failure can leave the first commits of the plan in the
        log; then checkpoints have not moved, and a retry finds those commits as duplicates.

        Raises: LogBeingRestored.
        """
        ...

    def head(self) -> int:
        """The last position; 0 in an empty log."""
        ...

    def read(self, after: int, *, limit: int, budget: int) -> Sequence[Link]:
        """The log after a position, in order."""
        ...

    def find(self, command_ids: Iterable[str]) -> Mapping[str, KeptCommit]:
        """Existing commits by command id."""
        ...

    def read_streams(self, wanted: Mapping[str, int], *, budget: int) -> StreamCommits:
        """The events of each stream after the given version."""
        ...

    def read_correlations(
        self, correlation_ids: Sequence[str], after: int, *, budget: int
    ) -> Mapping[str, Sequence[KeptCommit]]:
        """Commits after a position by correlation id: all of the first id, of other ids within the budget."""
        ...

    def last_event(self, stream: str) -> KeptEvent | None:
        """The stream's last event with its data, secrets included."""
        ...


class Subscriptions(Protocol):
    """State of subscriptions."""

    def checkpoints(self) -> Mapping[str, int]:
        """Checkpoints of all subscriptions that ever moved."""
        ...

    def checkpoint(self, name: str) -> int:
        """The subscription's checkpoint; 0 if it never moved. `Commits.write` moves it."""
        ...

    def take_lease(self, name: str, holder: str, seconds: float) -> str:
        """Take or renew the lease, unless another holder has it. Returns: the present holder."""
        ...

    def release_lease(self, name: str, holder: str) -> None:
        """Release the lease, if the holder has it."""
        ...

    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        """Store dead letters.

        A known letter changes only if it has more attempts: then it has failed again, and the retry of its correlation
        id ends.
        """
        ...

    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]:
        """By position; of all subscriptions by default."""
        ...

    def retrying(self, subscription: str) -> Sequence[str]:
        """Correlation ids to retry, in the order of their first letters' positions."""
        ...

    def retry(self, letter_id: int) -> None:
        """Request a retry of all letters of this one's correlation id and subscription. Raises: UnknownDeadLetter."""
        ...

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        """Drop the letters of the correlation id up to the position."""
        ...


class SnapshotStorage(Protocol):
    """A cache beside the log, which may be lost at any time."""

    def keep(self, snapshots: Sequence[SnapshotWire]) -> None:
        """Store the snapshots; each replaces the one of the same stream and version."""
        ...

    def latest(self, stream: str, form: str, at_most: int) -> SnapshotWire | None:
        """The snapshot of this form with the highest version up to `at_most`."""
        ...

    def after(self, stream: str, version: int, limit: int) -> Sequence[SnapshotWire]:
        """The next snapshots by stream and version, of any form; `stream` may be empty."""
        ...


class LogStorage(Protocol):
    """A database with a log."""

    @property
    def log_id(self) -> str:
        """The log's name for subscriptions. Known after `open`; `look` finds a name given by a later restore."""
        ...

    def look(self) -> str:
        """The `log_id` in the database now."""
        ...

    def restore(self, log_id: str, links: Sequence[Link]) -> None:
        """Add the next commits of a backup, unchanged, without a write in between.

        With the first ones this log takes the original's id, and `Commits.write` raises LogBeingRestored until
        `end_restore`.

        Raises:
            LogNotEmpty, InvalidRequest: see `event_store_svc.restoring.require_continuing`.
        """
        ...

    def end_restore(self, checkpoints: Mapping[str, int], letters: Sequence[KeptLetter]) -> None:
        """Restore checkpoints and dead letters, and accept appends again.

        Idempotent: does nothing without a restore in progress.
        """
        ...

    def try_to_write(self) -> None:
        """Write as many bytes to the disk as a group of commits has; they replace those of the last check.

        Raises: ServiceUnavailable, after `TRIAL_SECONDS` at most, with the driver's error for its cause.
        """
        ...

    @property
    def commits(self) -> Commits: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def snapshots(self) -> SnapshotStorage: ...

    def open(self) -> None:
        """Create missing tables or collections, and migrate a log of an earlier form.

        Raises:
            ServiceUnavailable.
            LaterForm: see `event_store_svc.compatibility`.
        """
        ...

    def close(self) -> None: ...
