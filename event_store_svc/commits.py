"""What is sent to the log, what it keeps, and what it shows: JSON values all along.

The log does not look into the data of events. That is why it needs no change when an event gets a new field.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from shop.contracts.names import credential_stream

MAX_COMMIT = 256 * 1024
"""Bytes of a commit, as JSON, in the form in which it is sent."""

MAX_ANSWER = 1024 * 1024
"""Bytes of commits in one answer to a reader."""

MAX_STREAM = 200
MAX_TYPE = 100
MAX_COMMAND_ID = 500
MAX_CORRELATION_ID = 200
MAX_NAME = 200
"""Characters of the names that databases keep in indexes; MAX_NAME for subscriptions, reactions and holders."""

SECRET = credential_stream("")
"""What the names of streams begin with whose events are blanked."""


class ProposedEvent(TypedDict):
    """An event as it is sent."""

    stream: str
    type: str
    data: dict[str, Any]


class ProposedMeta(TypedDict):
    """What a commit says about itself; `causation` is a position, 0 for a client's command."""

    correlation_id: str
    causation: int
    actor: str
    service: str


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
    """An event for somebody who does not get the whole commit."""

    position: int


def seen(event: KeptEvent, commit: KeptCommit) -> SeenEvent:
    """An event as everybody may see it, with what its commit says of all its events."""
    return {**_blanked_event(event), **commit["meta"], "position": commit["position"]}


def blanked(commit: KeptCommit) -> KeptCommit:
    """The commit as everybody may see it."""
    if not any(event["stream"].startswith(SECRET) for event in commit["events"]):
        return commit
    return {**commit, "events": [_blanked_event(event) for event in commit["events"]]}


def _blanked_event(event: KeptEvent) -> KeptEvent:
    return {**event, "data": {}} if event["stream"].startswith(SECRET) else event
