"""Credit and the orders that take it, on the real event store."""

from typing import Any

import eventlet
import pytest

from shop.contracts.errors import UnknownCustomer
from shop.contracts.events import OrderCancelled
from shop.contracts.names import customer_stream
from tests.component.customers.support.world import answers, approve, eur, new_name, place, register, sums
from tests.component.support.recording import record_as_orders
from tests.component.support.running import calling
from tests.support.waiting import wait_until


def test_an_order_holds_credit_spends_it_and_gives_it_back(cluster: Any, ann: str) -> None:
    order_id = place(cluster, ann, 3_000)
    wait_until(lambda: sums(cluster, ann) == (7_000, 3_000, 0))

    approve(cluster, ann, order_id, 3_000)
    wait_until(lambda: sums(cluster, ann) == (7_000, 0, 3_000))

    record_as_orders(cluster, OrderCancelled(order_id=order_id, customer=ann, was_approved=True), version=2)
    wait_until(lambda: sums(cluster, ann) == (10_000, 0, 0))
    assert answers(cluster, ann) == ["CreditReserved", "CreditReleased"]
    assert cluster.customers.get_customer(ann)["version"] == 1


def test_twenty_orders_at_once_on_credit_for_seven_give_seven(cluster: Any, ann: str) -> None:
    for _ in range(20):
        place(cluster, ann, 1_400)

    wait_until(lambda: len(answers(cluster, ann)) == 20)
    assert sorted(answers(cluster, ann)) == ["CreditRejected"] * 13 + ["CreditReserved"] * 7
    wait_until(lambda: sums(cluster, ann) == (200, 9_800, 0))


def test_a_profile_edit_racing_orders_leaves_the_credit_alone(config: dict[str, Any], cluster: Any, ann: str) -> None:
    def rename(number: int) -> None:
        with calling(config) as own:
            own.customers.edit_profile(ann, {"full_name": f"Ann {number}"})

    edits = [eventlet.spawn(rename, number) for number in range(8)]
    for _ in range(8):
        place(cluster, ann, 500)
    for thread in edits:
        thread.wait()

    wait_until(lambda: len(answers(cluster, ann)) == 8)
    wait_until(lambda: sums(cluster, ann) == (6_000, 4_000, 0))
    assert cluster.customers.get_customer(ann)["version"] == 9


def test_credit_set_while_orders_come_in_is_never_lost_or_made(config: dict[str, Any], cluster: Any, ann: str) -> None:
    def set_credit(cents: int) -> None:
        with calling(config) as own:
            own.customers.set_credit(ann, eur(cents), "race")

    edits = [eventlet.spawn(set_credit, cents) for cents in (5_000, 1_000, 8_000)]
    orders = [place(cluster, ann, 700) for _ in range(6)]
    for thread in edits:
        thread.wait()
    wait_until(lambda: len(answers(cluster, ann)) == 6)
    for order_id in orders:
        record_as_orders(cluster, OrderCancelled(order_id=order_id, customer=ann, was_approved=False), version=1)
    reserved = answers(cluster, ann).count("CreditReserved")
    wait_until(lambda: answers(cluster, ann).count("CreditReleased") == reserved)

    stream = customer_stream(ann)
    events = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]
    changes = sum(event["data"]["change"]["amount"] for event in events if event["type"] == "CreditAdjusted")
    wait_until(lambda: sums(cluster, ann) == (10_000 + changes, 0, 0))


def test_credit_added_by_many_at_once_while_orders_take_it_is_all_there(
    config: dict[str, Any], cluster: Any, ann: str
) -> None:
    def add(cents: int) -> None:
        with calling(config) as own:
            own.customers.change_credit(ann, eur(cents), "race")

    edits = [eventlet.spawn(add, cents) for cents in (500, 700, -100, 900)]
    for _ in range(4):
        place(cluster, ann, 500)
    for thread in edits:
        thread.wait()

    wait_until(lambda: len(answers(cluster, ann)) == 4)
    wait_until(lambda: sums(cluster, ann) == (10_000, 2_000, 0))


def test_an_order_of_nobody_is_refused_and_leaves_the_name_free(cluster: Any) -> None:
    name = new_name()

    place(cluster, name, 100)
    wait_until(lambda: answers(cluster, name) == ["CreditRejected"])

    with pytest.raises(UnknownCustomer):
        cluster.customers.get_customer(name)
    assert register(cluster, name)["credit"] == eur(10_000)
    assert sums(cluster, name) == (10_000, 0, 0)
