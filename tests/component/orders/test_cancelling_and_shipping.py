"""Cancelling and shipping: permissions, until when, and how often."""

from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from shop.contracts.actors import Actor
from shop.contracts.errors import (
    CommandReused,
    Forbidden,
    InvalidRequest,
    OrderNotCancellable,
    OrderNotShippable,
    ShopError,
    Unauthenticated,
)
from tests.component.orders.support.world import Ask, answer, approved_order, place, wait_for
from tests.component.support.order_world import MAX, SOMEBODY, VISITOR, record, types_of
from tests.component.support.running import calling
from tests.unit.support.order_builders import credit_released, stock_released


@pytest.mark.parametrize("who", ["owner", "owner in capitals", "manager"])
def test_an_undecided_order_is_cancelled_by_its_owner_or_a_manager(who: str, ask: Ask, ada: Actor):
    actor = {"owner": ada, "owner in capitals": Actor(ada.username.upper(), ada.role), "manager": MAX}[who]
    order_id = place(ask, ada)

    order = ask(actor, "cancel_order", order_id)

    assert (order["status"], order["version"]) == ("cancelled", 2)
    assert order == ask(ada, "get_order", order_id)


def test_an_approved_order_is_cancelled_and_everything_goes_back(ask: Ask, cluster: Any, ada: Actor):
    order_id = approved_order(ask, cluster, ada)

    ask(ada, "cancel_order", order_id)
    record(cluster, stock_released(UUID(order_id)), order_id=order_id)
    record(cluster, credit_released(UUID(order_id)), order_id=order_id)

    wait_for(ask, order_id, status="cancelled", stock="released", credit="released")
    events = cluster.event_store.read_correlations([order_id])["correlations"][order_id]
    (cancellation,) = [event for event in events if event["type"] == "OrderCancelled"]
    assert cancellation["data"]["was_approved"] is True


def test_answers_to_a_cancelled_order_decide_nothing(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)
    ask(ada, "cancel_order", order_id)

    answer(cluster, order_id)

    wait_for(ask, order_id, stock="reserved", credit="reserved")
    assert types_of(cluster, f"order-{order_id}") == ["OrderPlaced", "OrderCancelled"]


def test_cancelling_twice_is_refused_but_a_repeat_of_the_request_is_not(ask: Ask, ada: Actor):
    order_id = place(ask, ada)

    first = ask(ada, "cancel_order", order_id, key="k")

    assert ask(ada, "cancel_order", order_id, key="k") == first
    with pytest.raises(OrderNotCancellable):
        ask(ada, "cancel_order", order_id)
    with pytest.raises(OrderNotCancellable):
        ask(ada, "cancel_order", order_id, key="other")


def test_a_key_used_for_another_order_is_refused(ask: Ask, ada: Actor):
    first, second = place(ask, ada), place(ask, ada)
    ask(ada, "cancel_order", first, key="k")

    with pytest.raises(CommandReused):
        ask(ada, "cancel_order", second, key="k")


@pytest.mark.parametrize("method", ["cancel_order", "ship_order"])
@pytest.mark.parametrize("key", ["", "x" * 256, 7, "a\x00b"])
def test_keys_of_the_wrong_shape_are_refused(method: str, key: Any, ask: Ask):
    with pytest.raises(InvalidRequest) as refusal:
        ask(MAX, method, str(uuid4()), key=key)

    assert list(refusal.value.errors) == ["Idempotency-Key"]


def test_an_approved_order_is_shipped_and_stays_shipped(ask: Ask, cluster: Any, ada: Actor):
    order_id = approved_order(ask, cluster, ada)

    order = ask(MAX, "ship_order", order_id)

    assert (order["status"], order["version"]) == ("shipped", 3)
    with pytest.raises(OrderNotCancellable):
        ask(ada, "cancel_order", order_id)
    with pytest.raises(OrderNotShippable):
        ask(MAX, "ship_order", order_id)


def test_an_undecided_order_is_not_shipped(ask: Ask, ada: Actor):
    with pytest.raises(OrderNotShippable):
        ask(MAX, "ship_order", place(ask, ada))


@pytest.mark.parametrize(("actor", "error"), [(SOMEBODY, Forbidden), (VISITOR, Unauthenticated)])
def test_only_managers_ship(actor: Actor, error: type[ShopError], ask: Ask, ada: Actor):
    order_id = place(ask, ada)

    with pytest.raises(error):
        ask(actor, "ship_order", order_id)


def test_cancelling_and_approving_at_once_leave_one_outcome(config: dict[str, Any], ask: Ask, cluster: Any, ada: Actor):
    orders = [place(ask, ada) for _ in range(10)]

    def answer_at_once(order_id: str) -> None:
        with calling(config) as own:
            answer(own, order_id)

    pool = eventlet.GreenPool()
    for order_id in orders:
        pool.spawn(answer_at_once, order_id)
        pool.spawn(ask, ada, "cancel_order", order_id)
    pool.waitall()

    for order_id in orders:
        wait_for(ask, order_id, status="cancelled", stock="reserved", credit="reserved")
        kinds = types_of(cluster, f"order-{order_id}")
        assert kinds in (["OrderPlaced", "OrderCancelled"], ["OrderPlaced", "OrderApproved", "OrderCancelled"])
