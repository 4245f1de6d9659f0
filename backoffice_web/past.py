"""Time travel: a thing's former fields with their values, and the changes of one event."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from backoffice_web.state_words import name_of, value_of

Json = Any
Path = tuple[str, ...]

MOST_FIELDS = 200
"""Limit of fields shown; an order may have many lines."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A value before and after an event; None if it did not exist.

    Args:
        name: the field's displayed name.
    """

    name: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def fields_of(before: Json, after: Json, names: Mapping[str, str], own_id: str = "") -> list[Field]:
    """All fields of the thing at either time, in order.

    Args:
        names: names of referenced things, by id.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        Field(
            name=_("ID") if own_id in (old.get(path), new.get(path)) and path[-1].endswith("_id") else name_of(path),
            before=value_of(path, old[path], names) if path in old else None,
            after=value_of(path, new[path], names) if path in new else None,
        )
        for path in dict.fromkeys([*new, *old])
    ]


def ids_in(state: Json, part: str) -> set[str]:
    """Ids in the thing's fields of this name, such as `product_id`."""
    return {str(value) for path, value in _flat(state) if path[-1] == part}


def _flat(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Each value by its path, such as lines, 1, quantity; items are numbered from 1."""
    if isinstance(value, Mapping) and value.keys() != {"amount", "currency"}:
        for key, part in value.items():
            yield from _flat(part, (*path, str(key)))
    elif isinstance(value, list):
        for index, part in enumerate(value, start=1):
            yield from _flat(part, (*path, str(index)))
    elif value is not None:
        yield path, value
