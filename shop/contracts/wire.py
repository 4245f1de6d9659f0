"""JSON types of commits, between the event store and its clients.

The log treats the data of events as opaque, so new fields of events need no change here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, final

Wire = dict[str, Any]
"""A JSON object whose fields are validated elsewhere."""


class ProposedEvent(TypedDict):
    """A proposed event."""

    stream: str
    type: str
    data: Wire


class ProposedMeta(TypedDict):
    """Metadata of a commit; `causation` is a position, 0 for a client's command."""

    correlation_id: str
    causation: int
    actor: str
    service: str


class ProposedCommit(TypedDict):
    """A proposed commit. `expects`: the version of each stream that it was decided on."""

    command_id: str
    events: Sequence[ProposedEvent]
    expects: dict[str, int]
    fingerprint: str | None
    meta: ProposedMeta


class KeptEvent(ProposedEvent):
    """A recorded event. Versions count from 1 in each stream."""

    version: int


class KeptMeta(ProposedMeta):
    """`at`: UTC, ISO 8601 in milliseconds; earlier than in the commit before only after a repair of the clock."""

    at: str


class UnsealedCommit(TypedDict):
    """The hashed content of a commit; `prev` is the hash of the commit before."""

    position: int
    command_id: str
    fingerprint: str | None
    events: Sequence[KeptEvent]
    meta: KeptMeta
    prev: str


class KeptCommit(UnsealedCommit):
    """A recorded commit."""

    hash: str


class SeenEvent(KeptEvent, KeptMeta):
    """An event without the rest of its commit."""

    position: int


@final
class Appended(TypedDict):
    """A recorded commit. `duplicate`: its command id was recorded earlier."""

    commit: KeptCommit
    duplicate: bool


class ErrorWire(TypedDict):
    """An error of `shop.contracts.errors`: the name of its class, and its arguments."""

    type: str
    args: Sequence[Any]


@final
class NotAppended(TypedDict):
    """A refused commit."""

    error: ErrorWire


class AppendedMany(TypedDict):
    """An outcome for each commit. `checkpoint_moved`: whether the checkpoint has the requested position."""

    outcomes: Sequence[Appended | NotAppended]
    checkpoint_moved: bool


class StreamPart(TypedDict):
    """The next events of a stream. `version`: the stream's. `next`: cursor, a version; None at the end.

    `anchor`: the hash of the last event's commit; "" without events.
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
    """`refusal`: why the log refuses appends; None if it accepts them."""

    refusal: str | None


class Committed(LogEnd):
    """Commits in log order, as the event store announces them."""

    commits: Sequence[KeptCommit]


class LogPage(Committed):
    """A page of the log. `next`: cursor, a position; None at the end."""

    next: int | None


class Correlations(TypedDict):
    """The events of each correlation id, in log order. `next`: ids for another call."""

    correlations: dict[str, Sequence[SeenEvent]]
    next: Sequence[str]


class SnapshotWire(TypedDict):
    """The state of a stream after one of its events, folded by the service that owns the stream.

    `form` names the rules of folding; `anchor` is the hash of the event's commit. It chains all earlier commits, so a
    snapshot whose anchor is in the log is valid for this log. `state` is opaque to the log.
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
    """`next`: cursor, a stream and version; None at the end."""

    snapshots: Sequence[SnapshotWire]
    next: tuple[str, int] | None


class Verdict(TypedDict):
    """Whether the hash chain is valid. `position`: the last valid commit."""

    ok: bool
    position: int
    detail: str


class ClockReading(TypedDict):
    """Both times in the form of events; `last_time` is None in an empty log. `refusal`: why they disagree."""

    now: str
    last_time: str | None
    refusal: str | None


class CheckpointWire(TypedDict):
    """The checkpoint of a subscription, and the log's id."""

    log: str
    position: int


class LeaseWire(LogEnd):
    """`holder`: the present holder of the lease. `retrying`: correlation ids whose dead letters are to be retried."""

    held: bool
    holder: str
    retrying: Sequence[str]


class Letter(TypedDict):
    """An event that a subscription could not handle, or that waits behind such an event."""

    position: int
    correlation_id: str
    reaction: str
    error: str
    attempts: int


class KeptLetter(Letter):
    """A stored dead letter; `at` is the time of its last failure."""

    id: int
    subscription: str
    at: str
    state: Literal["set_aside", "retrying"]


class Kept(LogEnd):
    """The contents of a backup beside the commits."""

    checkpoints: dict[str, int]
    dead_letters: Sequence[KeptLetter]


class CopiedCommits(TypedDict):
    """Commits as stored, secrets included."""

    commits: Sequence[Mapping[str, str]]
