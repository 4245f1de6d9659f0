"""Schemas of requests. The domain decides about their meaning."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from event_store_svc.commits import MAX_COMMAND_ID, MAX_COMMIT, MAX_CORRELATION_ID, MAX_NAME, MAX_STREAM, MAX_TYPE
from event_store_svc.domain import CheckpointMove, Malformed, Proposal
from event_store_svc.encoding import encode
from shop.contracts.errors import CommitTooLarge, InvalidCommit, InvalidRequest, ShopError
from shop.contracts.wire import Letter, SnapshotWire

MAX_FINGERPRINT = 128
MAX_HASH = 64
MAX_ERROR = 10_000
"""Length in characters."""

MAX_NUMBER = 2**53
"""Above it, JSON numbers are not exact everywhere (I-JSON, RFC 7493)."""


class WireText(fields.Field[str]):
    """1 to `most` characters without NUL, which databases cannot store."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(required=True, **options)
        self._most = most

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if not _is_text(value, self._most):
            raise ValidationError(f"Not a text of 1 to {self._most} characters without NUL.")
        return str(value)


class Number(fields.Field[int]):
    """A position or version: an integer, not below 0."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if not _is_number(value):
            raise ValidationError("Not a whole number from 0 on.")
        return int(value)


class EventShape(Schema):
    """An event in a request."""

    stream = WireText(MAX_STREAM)
    type = WireText(MAX_TYPE)
    data = fields.Dict(required=True)


class MetaShape(Schema):
    """Metadata of a commit."""

    correlation_id = WireText(MAX_CORRELATION_ID)
    causation = Number(required=True)
    actor = WireText(MAX_NAME)
    service = WireText(MAX_NAME)


class CommitShape(Schema):
    """A commit in a request."""

    command_id = WireText(MAX_COMMAND_ID)
    fingerprint = WireText(MAX_FINGERPRINT, allow_none=True)
    events = fields.List(fields.Nested(EventShape), required=True, validate=validate.Length(1))
    expects = fields.Dict(keys=WireText(MAX_STREAM), values=Number(), required=True)
    meta = fields.Nested(MetaShape, required=True)


class MoveShape(Schema):
    """A checkpoint's move, `[name, old, new]` on the wire."""

    name = WireText(MAX_NAME)
    old = Number(required=True)
    new = Number(required=True)


class ErrorText(fields.Field[str]):
    """Text of an exception, made storable in every database: no text may keep an event from the dead letters."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return str(value)[:MAX_ERROR].replace("\0", "\ufffd").encode(errors="replace").decode()


class LetterShape(Schema):
    """A dead letter."""

    position = Number(required=True)
    correlation_id = WireText(MAX_CORRELATION_ID)
    reaction = WireText(MAX_NAME)
    error = ErrorText(required=True)
    attempts = Number(required=True)


class SnapshotShape(Schema):
    """The state of a stream at a version."""

    stream = WireText(MAX_STREAM)
    version = Number(required=True)
    form = WireText(MAX_NAME)
    anchor = WireText(MAX_HASH)
    state = WireText(MAX_COMMIT)


COMMIT = CommitShape(unknown=RAISE)
_COMMIT_FIELDS, _EVENT_FIELDS, _META_FIELDS = (
    frozenset(shape().fields) for shape in (CommitShape, EventShape, MetaShape)
)
MOVE = MoveShape()
LETTERS = LetterShape(many=True)
SNAPSHOTS = SnapshotShape(many=True, unknown=RAISE)


def load_proposal(wire: Any) -> Proposal:
    """A commit to append.

    Raises:
        InvalidCommit: the commit does not match the schema.
        CommitTooLarge: the commit has more than MAX_COMMIT bytes.
    """
    if not is_commit(wire):
        try:
            COMMIT.load(wire)
        except ValidationError as error:
            raise InvalidCommit(str(error.messages)) from error
    if (size := len(encode(wire))) > MAX_COMMIT:
        raise CommitTooLarge(size)
    return Proposal(**wire)


def is_commit(wire: Any) -> bool:
    """The check of `CommitShape` in a tenth of its time: every order makes five commits."""
    if type(wire) is not dict or wire.keys() != _COMMIT_FIELDS:
        return False
    fingerprint, events, expects, meta = wire["fingerprint"], wire["events"], wire["expects"], wire["meta"]
    return (
        _is_text(wire["command_id"], MAX_COMMAND_ID)
        and (fingerprint is None or _is_text(fingerprint, MAX_FINGERPRINT))
        and type(events) is list
        and len(events) > 0
        and all(_is_event(event) for event in events)
        and type(expects) is dict
        and all(_is_text(stream, MAX_STREAM) and _is_number(version) for stream, version in expects.items())
        and type(meta) is dict
        and meta.keys() == _META_FIELDS
        and _is_text(meta["correlation_id"], MAX_CORRELATION_ID)
        and _is_number(meta["causation"])
        and _is_text(meta["actor"], MAX_NAME)
        and _is_text(meta["service"], MAX_NAME)
    )


def load_wish(wire: Any) -> Proposal | Malformed:
    """A commit among others: a malformed one does not fail the others."""
    try:
        return load_proposal(wire)
    except ShopError as error:
        return Malformed(error, _written(wire))


def load_move(wire: Any) -> CheckpointMove:
    """Raises: InvalidRequest."""
    try:
        return CheckpointMove(**MOVE.load(dict(zip(("name", "old", "new"), wire, strict=True))))
    except (TypeError, ValueError, ValidationError) as error:
        raise InvalidRequest({"checkpoint": ["Not a name and two positions."]}) from error


def load_letters(wire: Any) -> Sequence[Letter]:
    """Raises: InvalidRequest."""
    try:
        letters: Sequence[Letter] = LETTERS.load(wire)
    except ValidationError as error:
        raise InvalidRequest({"letters": [str(error.messages)]}) from error
    return letters


def load_snapshots(wire: Any) -> Sequence[SnapshotWire]:
    """Raises: InvalidRequest."""
    try:
        snapshots: Sequence[SnapshotWire] = SNAPSHOTS.load(wire)
    except ValidationError as error:
        raise InvalidRequest({"snapshots": [str(error.messages)]}) from error
    return snapshots


def _is_event(wire: Any) -> bool:
    return (
        type(wire) is dict
        and wire.keys() == _EVENT_FIELDS
        and _is_text(wire["stream"], MAX_STREAM)
        and _is_text(wire["type"], MAX_TYPE)
        and type(wire["data"]) is dict
    )


def _is_text(value: Any, most: int) -> bool:
    return type(value) is str and 0 < len(value) <= most and "\0" not in value


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_NUMBER


def _written(wire: Any) -> frozenset[str]:
    """Streams that a malformed commit names, as far as it can be read."""
    events = wire.get("events") if isinstance(wire, Mapping) else None
    if not isinstance(events, list):
        return frozenset()
    streams = [event.get("stream") for event in events if isinstance(event, Mapping)]
    return frozenset(stream for stream in streams if isinstance(stream, str))
