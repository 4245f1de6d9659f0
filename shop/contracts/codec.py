"""Dataclasses to JSON values and back, by their type annotations.

Codecs are compiled once per type; `dump(load(T, wire)) == wire` for everything that `dump` made.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

from shop.contracts.money import Money

T = TypeVar("T")
Convert = Callable[[Any], Any]


def dump(value: object) -> dict[str, object]:
    """A dataclass as a dict of JSON values, every field in it."""
    cls: Any = type(value)
    return cast(dict[str, object], _dumper(cls)(value))


def load(cls: type[T], wire: Mapping[str, object]) -> T:
    """A dataclass from JSON values. Unknown fields are ignored: a newer writer may have added them.

    Raises:
        TypeError: a field without default is missing, or has another JSON type.
        ValueError: a value does not fit its type (a UUID, a time, a reason …).
    """
    of: Any = cls
    return cast(T, _loader(of)(wire))


def dump_time(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, `2026-11-23T09:30:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def load_time(text: str) -> datetime:
    """An aware time, from any ISO 8601 text with an offset.

    Raises:
        ValueError: not a time, or one without an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment


@cache
def _dumper(cls: Any) -> Convert:
    if cls in (str, int, bool):
        return lambda value: value
    if cls is UUID or (isinstance(cls, type) and issubclass(cls, StrEnum)):
        return str
    if cls is datetime:
        return dump_time
    if cls is Money:
        return Money.dump
    if typing.get_origin(cls) is tuple:
        item = _dumper(typing.get_args(cls)[0])
        return lambda values: [item(value) for value in values]
    if typing.get_origin(cls) is Mapping:
        named, part = (_dumper(of) for of in typing.get_args(cls))
        return lambda values: {named(key): part(value) for key, value in values.items()}
    if typing.get_origin(cls) is types.UnionType:
        some = _dumper(_without_none(cls))
        return lambda value: None if value is None else some(value)
    parts = [(field.name, _dumper(field_type)) for field, field_type in _fields(cls)]
    return lambda value: {name: convert(getattr(value, name)) for name, convert in parts}


@cache
def _loader(cls: Any) -> Convert:
    if cls in (str, int, bool):
        return lambda value: _checked(value, cls)
    if cls is UUID:
        return lambda value: _uuid(_checked(value, str))
    if isinstance(cls, type) and issubclass(cls, StrEnum):
        return lambda value: cls(_checked(value, str))
    if cls is datetime:
        return lambda value: load_time(_checked(value, str))
    if typing.get_origin(cls) is tuple:
        item = _loader(typing.get_args(cls)[0])
        return lambda values: tuple(item(value) for value in _checked(values, list))
    if typing.get_origin(cls) is Mapping:
        named, part = (_loader(of) for of in typing.get_args(cls))
        return lambda values: {named(key): part(value) for key, value in _checked(values, dict).items()}
    if typing.get_origin(cls) is types.UnionType:
        some = _loader(_without_none(cls))
        return lambda value: None if value is None else some(value)
    return _dataclass_loader(cls)


@lru_cache(maxsize=20_000)
def _uuid(text: str) -> UUID:
    """A cache for frequent ids: creating one costs ten times as much as a look-up."""
    return UUID(text)


def _dataclass_loader(cls: Any) -> Convert:
    parts = [
        (field.name, _loader(field_type), field.default is MISSING and field.default_factory is MISSING)
        for field, field_type in _fields(cls)
    ]

    def convert(wire: Any) -> Any:
        _checked(wire, dict)
        values = {}
        for name, load_field, required in parts:
            if name in wire:
                values[name] = load_field(wire[name])
            elif required:
                raise TypeError(f"{cls.__name__} needs {name!r}")
        return cls(**values)

    return convert


def _fields(cls: Any) -> list[tuple[Any, Any]]:
    if not is_dataclass(cls):
        raise TypeError(f"{cls!r} is not a type that events may have")
    hints = typing.get_type_hints(cls)
    return [(field, hints[field.name]) for field in fields(cls)]


def _without_none(union: Any) -> Any:
    (some,) = [part for part in typing.get_args(union) if part is not type(None)]
    return some


def _checked(value: Any, cls: type) -> Any:
    if type(value) is not cls:
        raise TypeError(f"{value!r} is not of type {cls.__name__}")
    return value
