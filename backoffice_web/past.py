"""Time travel: a thing as it was, as fields with their values, and what one event changed about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from backoffice_web.state_words import name_of, value_of

Json = Any
Path = tuple[str, ...]

MOST_FIELDS = 200
"""Fields that are shown; an order may have many lines."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """Something about a thing, before and after an event; None where it was not there.

    Args:
        name: in words.
    """

    name: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def fields_of(before: Json, after: Json, names: Mapping[str, str], own_id: str = "") -> list[Field]:
    """All that is known of the thing at either time, in the order of its parts.

    Args:
        names: of other things that it speaks of, by their id.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        Field(
            name=_("Number")
            if own_id in (old.get(path), new.get(path)) and path[-1].endswith("_id")
            else name_of(path),
            before=value_of(path, old[path], names) if path in old else None,
            after=value_of(path, new[path], names) if path in new else None,
        )
        for path in dict.fromkeys([*new, *old])
    ]


def ids_in(state: Json, part: str) -> set[str]:
    """The ids that the thing speaks of in fields of this name, such as `product_id`."""
    return {str(value) for path, value in _flat(state) if path[-1] == part}


def _flat(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Each value by its path, such as lines, 1, quantity; numbers of items count from 1."""
    if isinstance(value, Mapping) and value.keys() != {"amount", "currency"}:
        for key, part in value.items():
            yield from _flat(part, (*path, str(key)))
    elif isinstance(value, list):
        for index, part in enumerate(value, start=1):
            yield from _flat(part, (*path, str(index)))
    elif value is not None:
        yield path, value
