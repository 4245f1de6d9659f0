"""The event catalogue: every event as text for people, and as an AsyncAPI 3 document for programs.

`python -m shop.contracts.catalogue` writes both into `docs/`, from the classes in `events.py` and their docstrings.
"""

import json
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from shop.contracts.asyncapi import describe, words_about
from shop.contracts.events import Event
from shop.contracts.names import Service

DOCS = Path(__file__).parents[2] / "docs"

STREAMS = {
    "customer-<username>": (Service.CUSTOMERS, "a name is taken once; the credit never goes below zero"),
    "credential-<username>": (Service.CUSTOMERS, "the first password is set in the commit that registers its owner"),
    "category-<category_id>": (Service.PRODUCTS, "a category goes only while no product is in it"),
    "product-<product_id>": (Service.PRODUCTS, "the stock never goes below zero"),
    "stock-<order_id>": (Service.PRODUCTS, "an order gets one answer, for all of its lines together"),
    "order-<order_id>": (Service.ORDERS, "an order is decided once"),
    "invoices-<year>": (Service.ACCOUNTING, "invoice numbers are the stream's versions: unique, without gaps"),
    "credit-notes-<year>": (Service.ACCOUNTING, "credit note numbers likewise"),
    "clock-<log_id>": (Service.EVENT_STORE, "a log's time is set back once for each time that it was ahead"),
}
"""The writing service of each kind of stream, and the invariant that the version check protects."""

NAMES: dict[Any, str] = {str: "text", int: "whole number", bool: "true or false", UUID: "UUID", datetime: "time"}

PREFACE = """\
# Events

What can happen in the shop. What is in the log is never changed. A new version of the shop may add a field to an event,
with a default; it never removes one, renames it or gives it another meaning.

Each event belongs to a stream, and each stream to one service, which alone writes it. Times are UTC in ISO 8601. The
names here are those in the log and on the bus. The same for programs: [asyncapi.json](asyncapi.json).

This page is made from `shop/contracts/events.py` by `python -m shop.contracts.catalogue`.
"""


def events_by_stream() -> dict[str, list[type[Event]]]:
    """Event classes by the pattern of their stream, such as `order-<order_id>`, in the order of STREAMS."""
    found: dict[str, list[type[Event]]] = {pattern: [] for pattern in STREAMS}
    for name, event in Event.TYPES.items():
        if not name.startswith("_"):
            found[stream_pattern(event)].append(event)
    return found


def stream_pattern(event: type[Event]) -> str:
    """The event's stream, with names of fields instead of values."""
    blank = object.__new__(event)
    vars(blank).update({field.name: f"<{field.name}>" for field in _fields(event)})
    return blank.stream


def markdown() -> str:
    """The catalogue as a page."""
    return "\n".join([PREFACE, *_overview(), *_streams(), *_values()])


def asyncapi() -> str:
    """The catalogue as an AsyncAPI document, JSON."""
    events = [event for group in events_by_stream().values() for event in group]
    return json.dumps(describe(events), indent=2) + "\n"


def write(folder: Path) -> None:
    """Write both documents."""
    (folder / "events.md").write_text(markdown(), encoding="utf-8")
    (folder / "asyncapi.json").write_text(asyncapi(), encoding="utf-8")


def _overview() -> Iterator[str]:
    yield "| Stream | Written by | Events | What its version makes certain |"
    yield "|---|---|---|---|"
    for pattern, events in events_by_stream().items():
        service, certain = STREAMS[pattern]
        links = ", ".join(f"[{event.__name__}](#{event.__name__.lower()})" for event in events)
        yield f"| `{pattern}` | {service} | {links} | {certain} |"
    yield ""


def _streams() -> Iterator[str]:
    for pattern, events in events_by_stream().items():
        yield f"## `{pattern}`\n"
        for event in events:
            yield f"### {event.__name__}\n"
            yield from _described(event)


def _values() -> Iterator[str]:
    yield "## Values in events\n"
    for value in _values_in(events_by_stream()):
        yield f"### {value.__name__}\n"
        yield from _described(value)


def _values_in(groups: dict[str, list[type[Event]]]) -> list[type]:
    """Types of events' fields, each once, in the order of first use."""
    found: dict[type, None] = {}
    for event in (event for group in groups.values() for event in group):
        _collect(event, found)
    return list(found)


def _collect(cls: type, found: dict[type, None]) -> None:
    for hint in typing.get_type_hints(cls).values():
        for part in (hint, *typing.get_args(hint)):
            if isinstance(part, type) and (is_dataclass(part) or issubclass(part, StrEnum)) and part not in found:
                found[part] = None
                _collect(part, found)


def _described(cls: type) -> Iterator[str]:
    yield f"{words_about(cls)}\n"
    if issubclass(cls, StrEnum):
        yield "".join(f"* `{member.value}`\n" for member in cls)
        return
    hints = typing.get_type_hints(cls)
    yield "| Field | Type |"
    yield "|---|---|"
    for field in _fields(cls):
        yield f"| `{field.name}` | {_type_name(hints[field.name])}{_default(field)} |"
    yield ""


def _type_name(hint: Any) -> str:
    if hint in NAMES:
        return NAMES[hint]
    if typing.get_origin(hint) is tuple:
        return f"list of {_type_name(typing.get_args(hint)[0])}"
    if typing.get_origin(hint) is types.UnionType:
        return " or ".join("null" if part is type(None) else _type_name(part) for part in typing.get_args(hint))
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _default(field: Field[Any]) -> str:
    return "" if field.default is MISSING else f", {json.dumps(field.default)} where it is missing"


def _fields(cls: Any) -> tuple[Field[Any], ...]:
    return fields(cls)


if __name__ == "__main__":
    write(DOCS)
