"""Describes events as an AsyncAPI 3 document: the one message on the bus, and a JSON schema for each event."""

import inspect
import types
import typing
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shop.contracts.events import Event
from shop.contracts.money import DECIMALS, Money

Schema = dict[str, Any]

PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
}

POSITION: Schema = {"type": "integer", "minimum": 1}

DESCRIPTION = (
    "Everything that happens in the shop is in the event store's log. After it has written, the event store says so in "
    "one message. The message is a hint: whoever misses it reads the log by RPC."
)
COMMITTED = (
    "What was written after position `after`, up to `head`. The list of commits is empty where it would be too long "
    "for a message; the data of events in `credential-` streams are left out."
)


def describe(events: Iterable[type[Event]]) -> Schema:
    """The AsyncAPI document about these events."""
    schemas: dict[str, Schema] = {}
    names = [_define(event, schemas) for event in events]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "The events of the Nameko Shop", "version": "1", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {"committed": _channel()},
        "operations": {
            "tellOfCommits": {
                "action": "send",
                "channel": {"$ref": "#/channels/committed"},
                "summary": "The event store tells of what it has written.",
            }
        },
        "components": {
            "messages": {"committed": _message()},
            "schemas": {**_envelopes(names), **schemas},
        },
    }


def words_about(cls: type) -> str:
    """The class's docstring without its Raises section."""
    return inspect.cleandoc(cls.__doc__ or "").partition("\n\nRaises:")[0]


def _channel() -> Schema:
    exchange = {"name": "event_store.events", "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": "committed",
        "messages": {"committed": {"$ref": "#/components/messages/committed"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
    }


def _message() -> Schema:
    return {
        "name": "committed",
        "summary": "The log has grown.",
        "description": COMMITTED,
        "payload": _ref("Committed"),
    }


def _envelopes(names: list[str]) -> dict[str, Schema]:
    text, time, version = PLAIN[str], PLAIN[datetime], {"type": "integer", "minimum": 1}
    before = {"type": "integer", "minimum": 0}
    return {
        "Committed": _object(log=text, after=before, head=POSITION, commits=_list(_ref("Commit"))),
        "Commit": _object(
            position=POSITION,
            command_id=text,
            fingerprint=_or_null(text),
            events=_list({"oneOf": [_recorded(name) for name in names]}),
            meta=_object(at=time, correlation_id=text, causation=before, actor=text, service=text),
            prev=text,
            hash=text,
        ),
        "StreamEvent": _object(stream=text, version=version, type={"enum": names}, data={"type": "object"}),
    }


def _recorded(name: str) -> Schema:
    blanked: Schema = {"type": "object", "maxProperties": 0}
    data = {"anyOf": [_ref(name), blanked]} if name == "PasswordSet" else _ref(name)
    return {"allOf": [_ref("StreamEvent"), {"properties": {"type": {"const": name}, "data": data}}]}


def _define(cls: type, schemas: dict[str, Schema]) -> str:
    """Add the schema of an event or value type, and of the types of its fields. Returns its name."""
    name = cls.__name__
    if name not in schemas:
        schemas[name] = {}
        schemas[name] = {"description": words_about(cls), **_body(cls, schemas)}
    return name


def _body(cls: Any, schemas: dict[str, Schema]) -> Schema:
    if cls is Money:
        return _object(amount=PLAIN[int], currency={"enum": list(DECIMALS)})
    if issubclass(cls, StrEnum):
        return {"type": "string", "enum": [str(member) for member in cls]}
    hints = typing.get_type_hints(cls)
    # Newer writers may add fields, so more than these are allowed.
    return {
        "type": "object",
        "properties": {field.name: _schema(hints[field.name], schemas) for field in fields(cls)},
        "required": [field.name for field in fields(cls) if field.default is MISSING],
    }


def _schema(hint: Any, schemas: dict[str, Schema]) -> Schema:
    if hint in PLAIN:
        return PLAIN[hint]
    if typing.get_origin(hint) is tuple:
        return _list(_schema(typing.get_args(hint)[0], schemas))
    if typing.get_origin(hint) is types.UnionType:
        (some,) = [part for part in typing.get_args(hint) if part is not type(None)]
        return _or_null(_schema(some, schemas))
    if is_dataclass(hint) or issubclass(hint, StrEnum):
        return _ref(_define(hint, schemas))
    raise TypeError(f"{hint!r} is not a type that events may have")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}
