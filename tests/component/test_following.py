"""A service with the real event store and real databases, on the embedded broker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import eventlet
import pytest

from event_store_svc.service import EventStoreService
from shop.contracts.actors import Actor
from shop.contracts.commits import Commit
from shop.contracts.errors import CommandReused, Forbidden, ServiceUnavailable, StockBelowZero, UnknownDeadLetter
from shop.contracts.events import StockAdjusted
from shop.event_sourcing import runner
from shop.event_sourcing.decision_context import LogContext
from shop.messaging.embedded import broker_at
from shop.messaging.rpc import rpc
from shop.service import greenlets
from tests.component.support.counters_service import CountersService
from tests.component.support.patience import MOST_FOR_A_CALL, NEVER
from tests.component.support.running import calling, configuration, running
from tests.support.clock import FakeClock
from tests.support.waiting import wait_until
from tests.unit.support.counters import PRODUCT, STOCK, placed


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    return configuration(tmp_path)


@pytest.fixture
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"])
        yield cluster


def order(cluster: Any) -> str:
    """Record that an order was placed, as the order service would. Returns its id."""
    event = placed()
    cluster.event_store.append(
        {
            "command_id": f"place:{event.order_id}",
            "events": [{"stream": event.stream, "type": "OrderPlaced", "data": event.dump()}],
            "expects": {event.stream: 0},
            "fingerprint": None,
            "meta": {
                "correlation_id": str(event.order_id),
                "causation": 0,
                "actor": "customer:alice",
                "service": "orders",
            },
        }
    )
    return str(event.order_id)


def test_a_caller_reads_its_own_writes(cluster: Any) -> None:
    for expected in range(1, 6):
        assert cluster.counters.adjust(1) == expected
        assert cluster.counters.units() == expected


def test_a_refusal_arrives_as_the_error_that_was_raised(cluster: Any) -> None:
    with pytest.raises(StockBelowZero, match="cannot become negative: counter, -1"):
        cluster.counters.adjust(-1)


def test_the_same_key_happens_once_also_when_it_comes_ten_times_at_once(config: Any, cluster: Any) -> None:
    def adjust(_: int) -> int:
        with calling(config) as own:
            units: int = own.counters.adjust(3, key="k")
            return units

    answers = list(eventlet.GreenPool().imap(adjust, range(10)))

    assert answers == [3] * 10
    assert cluster.counters.units() == 3
    with pytest.raises(CommandReused):
        cluster.counters.adjust(4, key="k")


def test_an_event_is_reacted_to_and_shown_before_the_service_looks_by_itself(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_SECONDS", NEVER)
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"])
        cluster.counters.adjust(5)

        order(cluster)

        wait_until(lambda: cluster.counters.units() == 4)


def test_a_hundred_orders_for_the_last_ten_units_take_ten(cluster: Any) -> None:
    cluster.counters.adjust(10)

    for _ in range(100):
        order(cluster)

    _, head = cluster.event_store.head()["log"], cluster.event_store.head()["head"]
    wait_until(lambda: cluster.counters.status()["reacted"] >= head)
    wait_until(lambda: cluster.counters.units() == 0)


def test_a_restart_goes_on_where_it_stopped(config: dict[str, Any]) -> None:
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"])
        cluster.counters.adjust(5)
        order(cluster)
        wait_until(lambda: cluster.counters.units() == 4)

    with running(config, EventStoreService), calling(config) as cluster:
        order(cluster)

    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"] and cluster.counters.units() == 3)


def test_news_need_no_acknowledgement_however_many_come(config: dict[str, Any]) -> None:
    few_at_a_time = {**config, "max_workers": 2}
    exchange = broker_at(config["AMQP_URI"].removeprefix("embedded://")).exchange
    with running(few_at_a_time, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["active"])
        for _ in range(10):
            cluster.counters.adjust(1)

        (news,) = exchange("event_store.events").bindings["committed"]
        wait_until(lambda: news.message_count() == 0)


def test_of_two_processes_only_the_one_that_follows_the_log_is_told_of_news(config: dict[str, Any]) -> None:
    exchange = broker_at(config["AMQP_URI"].removeprefix("embedded://")).exchange

    def listening() -> set[str]:
        return {queue.name for queue in exchange("event_store.events").bindings.get("committed", ())}

    with running(config, EventStoreService), running({**config, "HOLDER": "second"}, CountersService):
        with running({**config, "HOLDER": "first"}, CountersService), calling(config) as cluster:
            wait_until(lambda: len(listening()) == 1)
            cluster.counters.adjust(1)
        with calling(config) as cluster:
            # Whichever it was, the one that is left follows the log now, and is told.
            wait_until(lambda: cluster.counters.status()["active"])
            assert len(listening()) == 1
            assert cluster.counters.adjust(1) == 2


def test_a_deleted_read_model_comes_back_and_nothing_happens_again(config: dict[str, Any], tmp_path: Path) -> None:
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"])
        cluster.counters.adjust(5)
        order(cluster)
        wait_until(lambda: cluster.counters.units() == 4)
        before = cluster.event_store.head()

    for leftover in tmp_path.glob("counters.sqlite*"):
        leftover.unlink()

    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"] and cluster.counters.units() == 4)
        assert cluster.event_store.head() == before


def test_a_rebuild_serves_the_old_read_model_until_the_new_one_is_there(cluster: Any) -> None:
    for _ in range(20):
        cluster.counters.adjust(1)

    cluster.counters.rebuild()

    while cluster.counters.rebuild_progress()["running"]:
        assert cluster.counters.units() == 20
    assert cluster.counters.units() == 20
    cluster.counters.adjust(1)
    assert cluster.counters.units() == 21


def test_a_poisoned_event_is_set_aside_and_retried_when_asked(cluster: Any) -> None:
    cluster.counters.adjust(5)
    poisoned = str(uuid4())
    cluster.event_store.append(
        {
            "command_id": f"place:{poisoned}",
            "events": [{"stream": f"order-{poisoned}", "type": "OrderPlaced", "data": {"order_id": 7}}],
            "expects": {f"order-{poisoned}": 0},
            "fingerprint": None,
            "meta": {"correlation_id": poisoned, "causation": 0, "actor": "customer:alice", "service": "orders"},
        }
    )
    order(cluster)

    wait_until(lambda: cluster.counters.units() == 4)
    (letter,) = cluster.event_store.dead_letters("counters")
    assert (letter["correlation_id"], letter["attempts"]) == (poisoned, 6)

    cluster.event_store.retry_dead_letter(letter["id"])
    wait_until(lambda: cluster.event_store.dead_letters("counters")[0]["attempts"] == 7)
    with pytest.raises(UnknownDeadLetter):
        cluster.event_store.retry_dead_letter(4711)


def test_only_managers_and_operators_may_rebuild(config: dict[str, Any], cluster: Any) -> None:
    with calling(config, Actor("alice", "customer")) as customer, pytest.raises(Forbidden):
        customer.counters.rebuild()


def test_a_service_without_event_store_says_so_in_time(config: dict[str, Any]) -> None:
    with running(impatient(config), CountersService), calling(config) as cluster, pytest.raises(ServiceUnavailable):
        cluster.counters.adjust(1)


def impatient(config: dict[str, Any]) -> dict[str, Any]:
    """For services that wait for others as shortly as may be."""
    return config | {"SHOP": {"rpc_timeout_seconds": 0.2}}


class SlowCountersService(CountersService):
    name = "counters"
    clock = FakeClock()

    @rpc
    def adjust_slowly(self) -> None:
        def decide(work: LogContext) -> Commit | None:
            self.clock.turn(MOST_FOR_A_CALL + 1)
            work.load(STOCK, PRODUCT)
            return work.commit([StockAdjusted(product_id=PRODUCT, change=1, reason="count")], once=work.command_id)

        self.log.execute(decide)


def test_a_service_decides_nothing_when_callers_wait_no_more(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(greenlets, "time", SlowCountersService.clock)
    with running(config, EventStoreService, SlowCountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"])

        with pytest.raises(ServiceUnavailable, match="counters"):
            cluster.counters.adjust_slowly()

        assert cluster.counters.units() == 0


def test_reads_go_on_while_the_event_store_is_away(config: dict[str, Any]) -> None:
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        wait_until(lambda: cluster.counters.status()["ready"])
        cluster.counters.adjust(5)

    with running(impatient(config), CountersService), calling(config) as cluster:
        assert cluster.counters.units() == 5
