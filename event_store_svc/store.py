"""What the log needs of a database. Adapters pass `tests/contract/log`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol, TypedDict

from event_store_svc.commits import KeptCommit, KeptEvent
from event_store_svc.domain import Call, Link, Plan

Clock = Callable[[], datetime]
"""The aware time of the event store: of new commits, leases and dead letters."""


TRIAL_BYTES = 64 * 1024
TRIAL_SECONDS = 0.8


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StreamCommits:
    """Commits with events of some streams, in log order, and those streams' versions (0 or none of unknown streams).

    The commits may be only the first that are wanted of each stream, but a stream's next one is among them.
    """

    versions: Mapping[str, int]
    commits: Sequence[KeptCommit]


class Letter(TypedDict):
    """An event that a reaction failed on, or that waits behind one; `reaction` is the method's name."""

    position: int
    correlation_id: str
    reaction: str
    error: str
    attempts: int


class DeadLetter(Letter):
    """A letter in the log's keeping; `at` is when it was set aside last."""

    id: int
    subscription: str
    at: str
    state: Literal["set_aside", "retrying"]


class Snapshot(TypedDict):
    """The state of a stream after one of its events, folded by whoever decides about it. The log does not look into it.

    `form` names the rules that it was folded by; `anchor` is the hash of the commit that has the event. It chains all
    commits before, so a snapshot whose anchor is in the log is one of this log, whatever became of it meanwhile.
    """

    stream: str
    version: int
    form: str
    anchor: str
    state: str


class Commits(Protocol):
    """The log itself. Everything raises ServiceUnavailable when the database does not answer for some seconds.

    Args of the readers:
        budget: bytes of commits to stop at, but never before the first one.
    """

    def write(self, calls: Sequence[Call]) -> Plan:
        """Plan the calls on what the log holds, and carry the plan out, before anybody else writes.

        That is all or nothing where the database has transactions. Without, some commits can be in, in order, when it
        fails; then checkpoints have not moved, and the same calls sent again find those commits as duplicates.

        Raises: LogBeingRestored.
        """
        ...

    def head(self) -> int:
        """The last position; 0 when the log is empty."""
        ...

    def read(self, after: int, *, limit: int, budget: int) -> Sequence[Link]:
        """The log after a position, in order."""
        ...

    def find(self, command_ids: Iterable[str]) -> Mapping[str, KeptCommit]:
        """Commits by command id, those that there are."""
        ...

    def read_streams(self, wanted: Mapping[str, int], *, budget: int) -> StreamCommits:
        """What comes in each stream after the version named with it."""
        ...

    def read_correlations(
        self, correlation_ids: Sequence[str], after: int, *, budget: int
    ) -> Mapping[str, Sequence[KeptCommit]]:
        """All commits after a position by correlation id: of at least the first id, of others while they fit."""
        ...

    def last_event(self, stream: str) -> KeptEvent | None:
        """The stream's last event, with its data even if they are secret."""
        ...


class Subscriptions(Protocol):
    """What the log keeps for those who follow it."""

    def checkpoints(self) -> Mapping[str, int]:
        """How far each subscription has come that ever moved."""
        ...

    def checkpoint(self, name: str) -> int:
        """How far the subscription has come; 0 when it never moved. `Commits.write` moves it."""
        ...

    def take_lease(self, name: str, holder: str, seconds: float) -> str:
        """Hold the lease from now on, unless another one does; whoever holds it."""
        ...

    def release_lease(self, name: str, holder: str) -> None:
        """Give the lease back, if that holder has it."""
        ...

    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        """Keep the letters.

        One that is there already changes only if it has more attempts: then it has failed again, and its correlation
        id is no longer retried.
        """
        ...

    def dead_letters(self, subscription: str | None = None) -> Sequence[DeadLetter]:
        """By position; of all subscriptions when none is named."""
        ...

    def retrying(self, subscription: str) -> Sequence[str]:
        """Correlation ids that somebody wants retried, the one that waits longest in the log first."""
        ...

    def retry(self, letter_id: int) -> None:
        """Have all letters of this one's correlation id and subscription retried. Raises: UnknownDeadLetter."""
        ...

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        """Drop the letters of the correlation id up to the position."""
        ...


class Snapshots(Protocol):
    """A cache beside the log: it can be lost at any time."""

    def keep(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep them, each in place of the one of the same stream and version."""
        ...

    def latest(self, stream: str, form: str, at_most: int) -> Snapshot | None:
        """The one of this form with the highest version up to `at_most`."""
        ...

    def after(self, stream: str, version: int, limit: int) -> Sequence[Snapshot]:
        """The next ones by stream and version, of any form; `stream` may be empty."""
        ...


class Store(Protocol):
    """A database with a log in it."""

    @property
    def log_id(self) -> str:
        """Under which name followers know the log. Known once it is open; `look` learns of a restore since."""
        ...

    def look(self) -> str:
        """The `log_id` as it is in the database now."""
        ...

    def restore(self, log_id: str, links: Sequence[Link]) -> None:
        """Add the next commits of a log that was copied, as they are, before anybody else writes.

        With the first ones this log becomes that one, and `Commits.write` raises LogBeingRestored until `end_restore`.

        Raises:
            LogNotEmpty, InvalidRequest: see `event_store_svc.restoring.require_continuing`.
        """
        ...

    def end_restore(self, checkpoints: Mapping[str, int], letters: Sequence[DeadLetter]) -> None:
        """Keep what followers had left with the log that was copied, and let everybody write again.

        Does nothing where no restore is under way: then it was done before.
        """
        ...

    def try_to_write(self) -> None:
        """Put so many bytes on the disk that a group of commits would fit in as well; they replace those of last time.

        Raises: ServiceUnavailable, after `TRIAL_SECONDS` at most, with the driver's error for its cause.
        """
        ...

    @property
    def commits(self) -> Commits: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def snapshots(self) -> Snapshots: ...

    def open(self) -> None:
        """Make what is missing in the database, and bring a log of an earlier form up to date.

        Raises:
            ServiceUnavailable.
            LaterForm: see `event_store_svc.compatibility`.
        """
        ...

    def close(self) -> None: ...
