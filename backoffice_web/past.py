"""Time travel: a thing as it was, as fields with their values, and what one event changed about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from shop.web.formats import money

Json = Any

MOST_FIELDS = 200
"""Fields that are shown; an order may have many lines."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """Something about a thing, before and after an event; None where it was not there."""

    name: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def fields_of(before: Json, after: Json) -> list[Field]:
    """All that is known of the thing at either time, in the order of its parts."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return [Field(name=name, before=old.get(name), after=new.get(name)) for name in dict.fromkeys([*new, *old])]


def _flat(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """Each value by its path, such as `lines.1.quantity`; numbers of items count from 1."""
    if isinstance(value, Mapping) and value.keys() != {"amount", "currency"}:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for index, part in enumerate(value, start=1):
            yield from _flat(part, f"{name}.{index}")
    elif value is not None:
        yield name, _text(value)


def _text(value: Json) -> str:
    if isinstance(value, Mapping):
        return money(value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)
