"""What a check is: something that reads every event of the log once, and then says whether all is well."""

from collections.abc import Set, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from shop.contracts.codec import dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event
from shop.contracts.money import Money

MOST_TOLD = 5
"""Faults that are told in full; of the others only how many there are."""


@dataclass(frozen=True)
class Check:
    """What came of a check: a sentence about what was checked, or about what is wrong."""

    name: str
    ok: bool
    detail: str

    @classmethod
    def of(cls, name: str, faults: "Faults", otherwise: str) -> "Check":
        """`otherwise`: what to say when nothing is wrong."""
        return cls(name, not faults, str(faults) or otherwise)

    def dump(self) -> dict[str, Any]:
        return vars(self).copy()


class Faults:
    """What is wrong, as sentences; of many, the first ones.

    A sentence is a format string with the names of its values, such as `order {order} was refused for nothing`. So what
    can be said is known beforehand, in other languages too, and nothing is put together while all is well.
    """

    def __init__(self) -> None:
        self._told: list[str] = []
        self._untold = 0

    def require(self, right: object, otherwise: str, /, **values: object) -> None:
        """Note what is wrong, unless it is right."""
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
    """A rule about the log. Subclasses note what breaks it, event by event, and in the end what is missing."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self.faults = Faults()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        """The next event of the log, with its contents."""
        raise NotImplementedError

    def end(self, settled_before: str) -> str:
        """Note what should have happened by now; then say what was checked.

        Args:
            settled_before: what began after this time (ISO 8601) may still be under way.
        """
        raise NotImplementedError

    def verdict(self, settled_before: str) -> Check:
        """What came of it, when the log has been read."""
        checked = self.end(settled_before)
        return Check.of(self.name, self.faults, checked)


def settled_before(now: datetime, order_timeout: float) -> str:
    """What something happened to after this may still be under way: for a minute, or twice the time-out if longer."""
    return dump_time(now - timedelta(seconds=max(60.0, 2 * order_timeout)))


def _text(value: object) -> str:
    """An amount with its currency, many things in order, and a word for none."""
    if isinstance(value, Money):
        return f"{value.text} {value.currency}"
    if isinstance(value, Set):
        return " and ".join(sorted(map(str, value))) or "nothing"
    return "nothing" if value is None else str(value)


def count(things: Sized | int, one: str, many: str = "") -> str:
    """Such as `1 order` or `1,234 orders`."""
    number = len(things) if isinstance(things, Sized) else things
    return f"{number:,} {one if number == 1 else many or one + 's'}"
