"""A service's memory of the log that it passes."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.stream_cache import StreamCache
from tests.unit.support.counters import cancelled, placed, record
from tests.unit.support.log_in_memory import LogInMemory


def commits_of(orders: list) -> list[RecordedCommit]:
    log = LogInMemory()
    for order_id in orders:
        record(log, placed(order_id), correlation_id=str(order_id))
    record(log, cancelled(orders[0]), correlation_id=str(orders[0]))
    return list(EventStoreClient(log).read_all(0, 10 * len(orders)).commits)


def types(events: Sequence[RecordedEvent] | None) -> list[str]:
    return [event.type for event in events or ()]


def asked_states() -> StreamCache:
    """Of a service that wants to know of events that it has passed."""
    states = StreamCache()
    states.passed_from_first("anything")
    return states


def test_the_events_of_a_correlation_id_are_seen_in_the_order_of_the_log() -> None:
    states, commits = asked_states(), commits_of([uuid4(), uuid4()])

    states.passed(commits[:2])
    states.passed(commits[2:])

    first = commits[0].correlation_id
    assert types(states.passed_from_first(first)) == ["OrderPlaced", "OrderCancelled"]
    assert states.passed_from_first("another") is None


def test_events_are_kept_from_the_first_question_on() -> None:
    states, commits = StreamCache(), commits_of([uuid4(), uuid4()])
    states.passed(commits[:1])

    assert states.passed_from_first(commits[0].correlation_id) is None
    states.passed(commits[1:])

    assert states.passed_from_first(commits[0].correlation_id) is None, "its first event was passed too early"
    assert types(states.passed_from_first(commits[1].correlation_id)) == ["OrderPlaced"]


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.event_sourcing.stream_cache.KEPT_CORRELATIONS", 3)
    states, commits = asked_states(), commits_of([uuid4() for _ in range(4)])

    states.passed(commits[:-1])

    assert states.passed_from_first(commits[0].correlation_id) is None
    assert states.passed_from_first(commits[1].correlation_id) is not None


def test_nothing_is_left_after_clearing() -> None:
    states, commits = asked_states(), commits_of([uuid4()])
    states.passed(commits)

    states.clear()

    assert states.passed_from_first(commits[0].correlation_id) is None
