"""The JSON by which the event store and its clients speak of commits.

The log does not look into the data of events. That is why it needs no change when an event gets a new field.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, final

Wire = dict[str, Any]
"""A JSON object whose fields are checked elsewhere."""


class ProposedEvent(TypedDict):
    """An event as it is sent."""

    stream: str
    type: str
    data: Wire


class ProposedMeta(TypedDict):
    """What a commit says about itself; `causation` is a position, 0 for a client's command."""

    correlation_id: str
    causation: int
    actor: str
    service: str


class ProposedCommit(TypedDict):
    """A commit as it is sent. `expects`: the version of each stream that it was decided on."""

    command_id: str
    events: Sequence[ProposedEvent]
    expects: dict[str, int]
    fingerprint: str | None
    meta: ProposedMeta


class KeptEvent(ProposedEvent):
    """An event in the log. Versions count from 1 in each stream."""

    version: int


class KeptMeta(ProposedMeta):
    """`at`: UTC, ISO 8601 in milliseconds; earlier than in the commit before only where the clock is repaired."""

    at: str


class UnsealedCommit(TypedDict):
    """What the hash of a commit is made of; `prev` is the hash of the commit before."""

    position: int
    command_id: str
    fingerprint: str | None
    events: Sequence[KeptEvent]
    meta: KeptMeta
    prev: str


class KeptCommit(UnsealedCommit):
    """A commit in the log."""

    hash: str


class SeenEvent(KeptEvent, KeptMeta):
    """An event without the rest of its commit."""

    position: int


@final
class Appended(TypedDict):
    """A commit that is in the log. `duplicate`: its command id had been recorded before."""

    commit: KeptCommit
    duplicate: bool


class ErrorWire(TypedDict):
    """An error of `shop.contracts.errors`: the name of its class, and what it was made of."""

    type: str
    args: Sequence[Any]


@final
class NotAppended(TypedDict):
    """A commit that was refused."""

    error: ErrorWire


class AppendedMany(TypedDict):
    """An outcome for each commit. `checkpoint_moved`: whether the checkpoint is where it was to go."""

    outcomes: Sequence[Appended | NotAppended]
    checkpoint_moved: bool


class StreamPart(TypedDict):
    """The next events of a stream. `version`: the stream's. `next`: the version to go on after; None at the end.

    `anchor`: the hash of the commit that has the last of these events; "" where there are none.
    """

    version: int
    events: Sequence[SeenEvent]
    next: int | None
    anchor: str


class StreamParts(TypedDict):
    """A part of each stream."""

    streams: dict[str, StreamPart]


class LogEnd(TypedDict):
    """The log's id, and the position of its last commit."""

    log: str
    head: int


class LogHealth(LogEnd):
    """`refusal`: why nothing can be recorded; None where all is well."""

    refusal: str | None


class Committed(LogEnd):
    """Commits in log order, as the event store announces them."""

    commits: Sequence[KeptCommit]


class LogPage(Committed):
    """A part of the log. `next`: the position to go on after; None at the end."""

    next: int | None


class Correlations(TypedDict):
    """The events of each correlation id, in log order. `next`: the ids that are left for another call."""

    correlations: dict[str, Sequence[SeenEvent]]
    next: Sequence[str]


class SnapshotWire(TypedDict):
    """The state of a stream after one of its events, folded by the service that decides on it.

    `form` names the rules that it was folded by; `anchor` is the hash of the commit that has the event. It chains all
    commits before, so a snapshot whose anchor is in the log is one of this log. The log does not look into `state`.
    """

    stream: str
    version: int
    form: str
    anchor: str
    state: str


class DatedSnapshot(SnapshotWire):
    """`at`: the time of its anchor."""

    at: str


class SnapshotPage(TypedDict):
    """`next`: stream and version to go on after; None at the end."""

    snapshots: Sequence[SnapshotWire]
    next: tuple[str, int] | None


class Verdict(TypedDict):
    """Whether the chain of hashes is right. `position`: the last commit for which it is."""

    ok: bool
    position: int
    detail: str


class ClockReading(TypedDict):
    """Both times as in events; `last_time` is None in an empty log. `refusal`: why they do not fit together."""

    now: str
    last_time: str | None
    refusal: str | None


class CheckpointWire(TypedDict):
    """How far a subscription has come in which log."""

    log: str
    position: int


class LeaseWire(LogEnd):
    """`holder`: who has the lease now. `retrying`: correlation ids whose dead letters are to be tried again."""

    held: bool
    holder: str
    retrying: Sequence[str]


class Letter(TypedDict):
    """An event that a subscription could not handle, or that waits behind such a one."""

    position: int
    correlation_id: str
    reaction: str
    error: str
    attempts: int


class KeptLetter(Letter):
    """A letter in the event store; `at` is when it was set aside last."""

    id: int
    subscription: str
    at: str
    state: Literal["set_aside", "retrying"]


class Kept(LogEnd):
    """What belongs to a copy of the log beside its commits."""

    checkpoints: dict[str, int]
    dead_letters: Sequence[KeptLetter]


class CopiedCommits(TypedDict):
    """Commits as they are in the database, secrets and all."""

    commits: Sequence[Mapping[str, str]]
