"""Base of the checks: each reads every event of the log once, and then reports."""

from collections.abc import Set, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from shop.contracts.codec import dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event
from shop.contracts.money import Money
from shop.contracts.views import CheckView

MOST_TOLD = 5
"""Faults that are reported in full; the others are only counted."""


@dataclass(frozen=True)
class Check:
    """The result of a check: a sentence about the checked items, or about the faults."""

    name: str
    ok: bool
    detail: str

    @classmethod
    def of(cls, name: str, faults: "Faults", otherwise: str) -> "Check":
        """`otherwise`: the sentence without faults."""
        return cls(name, not faults, str(faults) or otherwise)

    def dump(self) -> CheckView:
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


class Faults:
    """Faults as sentences; of many, the first ones.

    A sentence is a format string with the names of its values, such as `order {order} was refused for nothing`. So all
    sentences are known beforehand, for translation, and no text is formatted without a fault.
    """

    def __init__(self) -> None:
        self._told: list[str] = []
        self._untold = 0

    def require(self, right: object, otherwise: str, /, **values: object) -> None:
        """Record a fault, unless `right` holds."""
        if not right:
            self.add(otherwise, **values)

    def add(self, sentence: str, /, **values: object) -> None:
        if len(self._told) < MOST_TOLD:
            self._told.append(sentence.format_map({name: _text(value) for name, value in values.items()}))
        else:
            self._untold += 1

    def __bool__(self) -> bool:
        return bool(self._told)

    def __str__(self) -> str:
        more = [f"and {self._untold:,} more"] if self._untold else []
        return "; ".join([*self._told, *more])


class LogCheck:
    """An invariant of the log. Subclasses record violations, event by event, and at the end missing events."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self.faults = Faults()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        """The next event of the log, with its contents."""
        raise NotImplementedError

    def end(self, settled_before: str) -> str:
        """Record missing events; return a sentence about the checked items.

        Args:
            settled_before: steps that began after this time (ISO 8601) may be unfinished.
        """
        raise NotImplementedError

    def verdict(self, settled_before: str) -> Check:
        """The result, after the whole log has been read."""
        checked = self.end(settled_before)
        return Check.of(self.name, self.faults, checked)


def settled_before(now: datetime, order_timeout: float) -> str:
    """The time after which a step may be unfinished: a minute ago, or twice the order timeout if longer."""
    return dump_time(now - timedelta(seconds=max(60.0, 2 * order_timeout)))


def _text(value: object) -> str:
    """An amount with its currency, a sorted list of items, or a word for none."""
    if isinstance(value, Money):
        return f"{value.text} {value.currency}"
    if isinstance(value, Set):
        return " and ".join(sorted(map(str, value))) or "nothing"
    return "nothing" if value is None else str(value)


def count(things: Sized | int, one: str, many: str = "") -> str:
    """Such as `1 order` or `1,234 orders`."""
    number = len(things) if isinstance(things, Sized) else things
    return f"{number:,} {one if number == 1 else many or one + 's'}"
