"""Orders that nobody answers in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shop.contracts.codec import load_time
from tests.component.orders.support.world import TWO_TEAS, answer, running_orders
from tests.component.support.order_world import SOMEBODY, Customers, Products, record, types_of
from tests.component.support.running import calling, configuration
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import credit_rejected


def unreadable_event(stream: str, version: int) -> dict[str, Any]:
    return {
        "command_id": str(uuid4()),
        "events": [{"stream": stream, "type": "OrderApproved", "data": {}}],
        "expects": {stream: version},
        "fingerprint": None,
        "meta": {"correlation_id": "broken", "causation": 0, "actor": "operator:operator", "service": "tests"},
    }


@pytest.fixture
def impatient(tmp_path: Path) -> dict[str, Any]:
    return configuration(tmp_path, SHOP={"order_timeout_seconds": 0.2})


@contextmanager
def before_any_time_out(cluster: Any) -> Iterator[None]:
    """While this lasts, the service reacts to nothing, and finds no order late."""
    cluster.orders.pause()
    yield
    cluster.orders.resume()


def test_an_order_nobody_answers_is_rejected_as_timed_out(impatient: dict[str, Any]):
    with running_orders(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        with before_any_time_out(cluster):
            order_id = ada.orders.place_order(TWO_TEAS, "key")["id"]
            record(cluster, credit_rejected(UUID(order_id)), order_id=order_id)

        wait_until(lambda: ada.orders.get_order(order_id)["status"] == "rejected")

        assert ada.orders.get_order(order_id)["reason"] == ["insufficient_credit", "timed_out"]
        (decision,) = cluster.event_store.find([f"decide:{order_id}"]).values()
        assert decision["meta"]["correlation_id"] == order_id
        assert decision["fingerprint"] is None


def test_many_late_orders_are_rejected_in_one_go(impatient: dict[str, Any]):
    with running_orders(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        late = [ada.orders.place_order(TWO_TEAS, f"key-{number}")["id"] for number in range(20)]

        wait_until(lambda: all(types_of(cluster, f"order-{order_id}")[1:] for order_id in late))

        kinds = {tuple(types_of(cluster, f"order-{order_id}")) for order_id in late}
        assert kinds == {("OrderPlaced", "OrderRejected")}


def test_a_late_order_that_cannot_be_read_does_not_hold_up_the_others(impatient: dict[str, Any]):
    with running_orders(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        with before_any_time_out(cluster):
            broken = ada.orders.place_order(TWO_TEAS, "broken")["id"]
            cluster.event_store.append(unreadable_event(f"order-{broken}", version=1))
        other = ada.orders.place_order(TWO_TEAS, "other")["id"]

        wait_until(lambda: ada.orders.get_order(other)["reason"] == ["timed_out"])

        assert ada.orders.get_order(broken)["status"] == "placed"


def test_answers_that_were_there_before_the_time_out_count(impatient: dict[str, Any]):
    with running_orders(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        with before_any_time_out(cluster):
            order = ada.orders.place_order(TWO_TEAS, "key")
            answer(cluster, order["id"])
            wait_until(lambda: datetime.now(UTC) > load_time(order["placed_at"]) + timedelta(seconds=0.25))

        wait_until(lambda: types_of(cluster, f"order-{order['id']}") == ["OrderPlaced", "OrderApproved"])
