"""Types of commits as sent, as stored, and as shown: JSON values throughout.

The log treats the data of events as opaque, so new fields of events need no change here.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from shop.contracts.names import credential_stream

MAX_COMMIT = 256 * 1024
"""Bytes of a commit as JSON, in the form in which it is sent."""

MAX_ANSWER = 1024 * 1024
"""Bytes of commits in one answer to a reader."""

MAX_STREAM = 200
MAX_TYPE = 100
MAX_COMMAND_ID = 500
MAX_CORRELATION_ID = 200
MAX_NAME = 200
"""Characters of names in database indexes: of subscriptions, reactions and lease holders."""

SECRET = credential_stream("")
"""Prefix of the streams whose events are blanked."""


class ProposedEvent(TypedDict):
    """An event as it is sent."""

    stream: str
    type: str
    data: dict[str, Any]


class ProposedMeta(TypedDict):
    """Metadata of a commit; `causation` is a position, 0 for a client's command."""

    correlation_id: str
    causation: int
    actor: str
    service: str


class KeptEvent(ProposedEvent):
    """An event in the log. Versions count from 1 in each stream."""

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
    """A commit in the log."""

    hash: str


class SeenEvent(KeptEvent, KeptMeta):
    """An event with its commit's metadata, for readers that do not get the whole commit."""

    position: int


def seen(event: KeptEvent, commit: KeptCommit) -> SeenEvent:
    """An event with secrets blanked and its commit's metadata."""
    return {**_blanked_event(event), **commit["meta"], "position": commit["position"]}


def blanked(commit: KeptCommit) -> KeptCommit:
    """The commit with secrets blanked."""
    if not any(event["stream"].startswith(SECRET) for event in commit["events"]):
        return commit
    return {**commit, "events": [_blanked_event(event) for event in commit["events"]]}


def _blanked_event(event: KeptEvent) -> KeptEvent:
    return {**event, "data": {}} if event["stream"].startswith(SECRET) else event
