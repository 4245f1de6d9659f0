"""Size limits of commits and their parts, and their public form without secrets."""

from shop.contracts.names import credential_stream
from shop.contracts.wire import KeptCommit, KeptEvent, SeenEvent

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
