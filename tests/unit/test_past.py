"""A stream as it was, folded page by page."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from accounting_svc.domain import INVOICES
from shop.chassis.event_store import StreamEvents
from shop.chassis.time_travel import Moment, Past
from shop.contracts.errors import InvalidRequest
from tests.unit.support.order_builders import invoiced, recorded

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS, AT_ONCE = 100, 10


class Pages:
    """A stream with an event for each minute, and how many of its pages were read."""

    def __init__(self, minutes: dict[int, int] | None = None) -> None:
        self.read = 0
        self._minutes = minutes or {}

    def __iter__(self) -> Iterator[StreamEvents]:
        for first in range(1, EVENTS + 1, AT_ONCE):
            self.read += 1
            yield StreamEvents(EVENTS, [self._event(version) for version in range(first, first + AT_ONCE)])

    def _event(self, version: int):
        at = BEGAN + timedelta(minutes=self._minutes.get(version, version))
        return recorded(invoiced(number=version), version=version, at=at)


def seen(pages: Pages, version: int | None = None, minute: int | None = None) -> tuple:
    at = BEGAN + timedelta(minutes=minute) if minute is not None else None
    past = Past(INVOICES, Moment(version=version, at=at))
    past.read(pages)
    told = past.dump()
    return told["version"], told["before"] and told["before"]["issued"], told["state"] and told["state"]["issued"]


def test_a_state_comes_with_the_one_before_its_last_event():
    assert seen(Pages()) == (100, 99, 100)
    assert seen(Pages(), version=42) == (42, 41, 42)
    assert seen(Pages(), version=1) == (1, None, 1)
    assert seen(Pages(), version=0) == (0, None, None)


@pytest.mark.parametrize(("version", "pages"), [(0, 1), (10, 1), (11, 2), (100, 10)])
def test_what_comes_later_is_not_read(version, pages):
    stream = Pages()

    seen(stream, version=version)

    assert stream.read == pages


def test_a_version_that_there_is_not_is_refused_on_the_first_page():
    stream = Pages()

    with pytest.raises(InvalidRequest):
        seen(stream, version=101)

    assert stream.read == 1


def test_a_time_shows_what_was_there_by_then():
    assert seen(Pages(), minute=42) == (42, 41, 42)
    assert seen(Pages(), minute=0) == (0, None, None)


def test_what_was_before_an_event_was_there_by_then_however_it_is_dated():
    """The clock was wrong for ten events."""
    assert seen(Pages(dict.fromkeys(range(31, 41), 10_000)), minute=42) == (42, 41, 42)
    assert seen(Pages(dict.fromkeys(range(31, 41), 10_000)), minute=35) == (30, 29, 30)
