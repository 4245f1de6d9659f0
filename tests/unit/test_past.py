"""A stream as it was, folded page by page."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from accounting_svc.domain import INVOICES, Book
from shop.contracts.errors import InvalidRequest
from shop.event_sourcing.event_store import StreamEvents
from shop.event_sourcing.snapshots import LongStream
from shop.event_sourcing.stream_cache import CachedStream
from shop.event_sourcing.time_travel import Past, VersionOrTime
from tests.unit.support.order_builders import invoiced, recorded

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS, AT_ONCE = 100, 10


class Stream(LongStream):
    """A stream with an event for each minute.

    Attributes:
        read: the versions after which a page was read.
        snapshots: the versions that there are some of.
    """

    def __init__(self, minutes: dict[int, int] | None = None, snapshots: Sequence[int] = ()) -> None:
        self.beginning = CachedStream(0, INVOICES, INVOICES.initial)
        self.read: list[int] = []
        self._minutes = minutes or {}
        self._snapshots = snapshots

    def page(self, after: int) -> StreamEvents:
        self.read.append(after)
        last = min(after + AT_ONCE, EVENTS)
        return StreamEvents(EVENTS, [self._event(version) for version in range(after + 1, last + 1)], last)

    def later(self, known: CachedStream, at_most: int) -> CachedStream:
        version = max((each for each in self._snapshots if each <= at_most), default=0)
        return CachedStream(version, INVOICES, Book(issued=version)) if version > known.version else known

    def before(self, known: CachedStream, at: str) -> CachedStream:
        by_then = [version for version in self._snapshots if self._event(version).at <= at]
        return self.later(known, by_then[-2]) if len(by_then) > 1 else known

    def kept(self, known: CachedStream) -> CachedStream:
        return known

    def _event(self, version: int):
        at = BEGAN + timedelta(minutes=self._minutes.get(version, version))
        return recorded(invoiced(number=version), version=version, at=at)


def seen(stream: Stream, version: int | None = None, minute: int | None = None) -> tuple:
    at = BEGAN + timedelta(minutes=minute) if minute is not None else None
    past = Past(stream, VersionOrTime(version=version, at=at))
    past.read()
    told = past.shown("counter-1")
    return told["version"], told["before"] and told["before"]["issued"], told["state"] and told["state"]["issued"]


def test_a_state_comes_with_the_one_before_its_last_event():
    assert seen(Stream()) == (100, 99, 100)
    assert seen(Stream(), version=42) == (42, 41, 42)
    assert seen(Stream(), version=1) == (1, None, 1)
    assert seen(Stream(), version=0) == (0, None, None)


@pytest.mark.parametrize(("version", "pages"), [(0, 1), (10, 1), (11, 2), (100, 10)])
def test_what_comes_later_is_not_read(version, pages):
    stream = Stream()

    seen(stream, version=version)

    assert len(stream.read) == pages


@pytest.mark.parametrize(
    ("version", "read"),
    [(None, [0, 80, 90]), (100, [0, 80, 90]), (81, [0, 80]), (80, [0, 40, 50, 60, 70]), (41, [0, 40])],
)
def test_a_long_stream_is_folded_from_the_last_snapshot_before_the_event(version, read):
    stream = Stream(snapshots=[40, 80, 100])

    told = seen(stream, version=version)

    assert told == ((version or 100), (version or 100) - 1, (version or 100))
    assert stream.read == read


def test_a_version_that_there_is_not_is_refused_on_the_first_page():
    stream = Stream()

    with pytest.raises(InvalidRequest):
        seen(stream, version=101)

    assert stream.read == [0]


def test_a_time_shows_what_was_there_by_then():
    assert seen(Stream(), minute=42) == (42, 41, 42)
    assert seen(Stream(), minute=0) == (0, None, None)


@pytest.mark.parametrize(
    ("minute", "read"),
    [(100, [0, 80, 90]), (80, [0, 40, *range(50, 100, 10)]), (79, list(range(0, 100, 10)))],
)
def test_a_time_is_looked_for_from_the_last_snapshot_that_is_surely_before_it(minute, read):
    stream = Stream(snapshots=[40, 80, 100])

    told = seen(stream, minute=minute)

    assert told == (minute, minute - 1, minute)
    assert stream.read == read


def test_what_was_before_an_event_was_there_by_then_however_it_is_dated():
    """The clock was wrong for ten events."""
    assert seen(Stream(dict.fromkeys(range(31, 41), 10_000)), minute=42) == (42, 41, 42)
    assert seen(Stream(dict.fromkeys(range(31, 41), 10_000)), minute=35) == (30, 29, 30)
