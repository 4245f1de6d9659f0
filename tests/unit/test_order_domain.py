"""One order's rules: placed once, decided once, then cancelled or shipped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from order_svc.changing import cancel, ship
from order_svc.deciding import approve, reject
from order_svc.domain import ORDER as DECIDER
from order_svc.domain import Order, Status
from order_svc.placing import Offer, PlaceOrder
from order_svc.placing import place as place_by_the_rules
from shop.contracts.errors import CommandReused, InvalidRequest, OrderNotCancellable, OrderNotShippable, TotalMoved
from shop.contracts.events import Event, OrderApproved, OrderCancelled, OrderRejected, OrderShipped, Reason, Units
from shop.contracts.money import MAX_AMOUNT
from tests.unit.support.order_builders import (
    CUP,
    HOME,
    ORDER,
    TEA,
    approved,
    cancelled,
    credit_reserved,
    euros,
    line,
    placed,
    rejected,
    shipped,
    stock_reserved,
)

UNKNOWN = uuid4()
OFFERS = {TEA: Offer(name="Tea", price=euros(999)), CUP: Offer(name="Cup", price=euros(450))}


def reject_for_want_of_stock(order: Order) -> list[Event]:
    return reject(order, [Reason.OUT_OF_STOCK])


def decide(order: Order, asked: PlaceOrder | Callable[[Order], list[Event]]) -> list[Event]:
    return place_by_the_rules(order, asked) if isinstance(asked, PlaceOrder) else asked(order)


def place(*wanted: tuple[UUID, int], **changes: Any) -> PlaceOrder:
    command = PlaceOrder(
        order_id=ORDER,
        customer="Ada",
        wanted=tuple(Units(product_id=product_id, quantity=quantity) for product_id, quantity in wanted),
        offers=OFFERS,
        address=HOME,
        currency="EUR",
    )
    return replace(command, **changes)


PLACE = place((TEA, 2), (CUP, 1))


def order_after(*events: Event) -> Order:
    return DECIDER.fold(events)


def test_placing_fixes_lines_total_and_address():
    events = decide(Order(), PLACE)

    assert events == [placed()]
    assert placed().total == euros(2 * 999 + 450)


def test_an_order_comes_to_what_was_expected_or_is_refused():
    dearer = OFFERS | {CUP: Offer(name="Cup", price=euros(451))}

    assert decide(Order(), replace(PLACE, expected_total=euros(2448))) == [placed()]
    with pytest.raises(TotalMoved, match=r"24\.49 EUR"):
        decide(Order(), replace(PLACE, offers=dearer, expected_total=euros(2448)))
    with pytest.raises(TotalMoved):
        decide(Order(), replace(PLACE, expected_total=euros(0)))


def test_a_repeat_is_the_same_order_whatever_it_would_come_to_now():
    again = replace(PLACE, offers={TEA: Offer(name="Tea", price=euros(1))}, expected_total=euros(2448))

    assert decide(order_after(placed()), again) == []


def test_an_order_lives_in_a_stream_of_its_own():
    assert DECIDER.stream(ORDER) == placed().stream == f"order-{ORDER}"


def test_lines_stay_as_they_were_asked_for():
    (event,) = decide(Order(), place((TEA, 2), (CUP, 1), (TEA, 1)))

    assert event.lines == (line(quantity=2), line(CUP, 1, 450, "Cup"), line(quantity=1))


@pytest.mark.parametrize("offers", [OFFERS, {}, {TEA: Offer(name="Fine tea", price=euros(1299))}])
def test_placing_the_same_order_again_records_nothing_whatever_became_of_its_products(offers: dict[UUID, Offer]):
    assert decide(order_after(placed()), place((TEA, 2), (CUP, 1), offers=offers)) == []


@pytest.mark.parametrize(
    "wanted", [((TEA, 3), (CUP, 1)), ((TEA, 2),), ((CUP, 1), (TEA, 2)), ((TEA, 1), (TEA, 1), (CUP, 1))]
)
def test_an_order_id_is_not_taken_for_other_lines(wanted: tuple[tuple[UUID, int], ...]):
    with pytest.raises(CommandReused):
        decide(order_after(placed()), place(*wanted))


def test_each_line_with_a_product_that_is_not_on_sale_is_named():
    with pytest.raises(InvalidRequest) as refusal:
        decide(Order(), place((UNKNOWN, 1), (CUP, 1), (UNKNOWN, 2)))

    assert sorted(refusal.value.errors) == ["lines.0.product_id", "lines.2.product_id"]


@given(st.integers(1, MAX_AMOUNT), st.integers(1, 1000))
@example(MAX_AMOUNT, 1)
@example(MAX_AMOUNT, 2)
def test_an_order_never_comes_to_more_than_the_shop_can_write_down(price: int, quantity: int):
    command = place((TEA, quantity), offers={TEA: Offer(name="Tea", price=euros(price))})

    if price * quantity <= MAX_AMOUNT:
        assert decide(Order(), command)[0].total == euros(price * quantity)
    else:
        with pytest.raises(InvalidRequest) as refusal:
            decide(Order(), command)
        assert list(refusal.value.errors) == ["lines"]


def test_approval_carries_all_that_an_invoice_needs():
    assert decide(order_after(placed()), approve) == [approved()]


def test_rejection_says_why():
    assert decide(order_after(placed()), reject_for_want_of_stock) == [rejected(Reason.OUT_OF_STOCK)]


@pytest.mark.parametrize("decision", [approved(), rejected(), cancelled()], ids=lambda event: type(event).__name__)
@pytest.mark.parametrize(
    "command", [approve, reject_for_want_of_stock], ids=lambda command: getattr(command, "__name__", "place")
)
def test_a_decided_order_is_not_decided_again(decision: Event, command: Callable[[Order], list[Event]]):
    assert decide(order_after(placed(), decision), command) == []


@pytest.mark.parametrize(
    "command", [approve, reject_for_want_of_stock], ids=lambda command: getattr(command, "__name__", "place")
)
def test_an_order_that_was_never_placed_is_not_decided(command: Callable[[Order], list[Event]]):
    assert decide(Order(), command) == []


def test_an_undecided_order_can_be_cancelled():
    assert decide(order_after(placed()), cancel) == [cancelled(was_approved=False)]


def test_cancelling_an_approved_order_says_that_there_is_an_invoice():
    assert decide(order_after(placed(), approved()), cancel) == [cancelled(was_approved=True)]


@pytest.mark.parametrize(
    "history",
    [(), (placed(), rejected()), (placed(), cancelled()), (placed(), approved(), shipped())],
    ids=["never placed", "rejected", "cancelled", "shipped"],
)
def test_an_ended_order_cannot_be_cancelled(history: tuple[Event, ...]):
    with pytest.raises(OrderNotCancellable):
        decide(order_after(*history), cancel)


def test_an_approved_order_can_be_shipped():
    assert decide(order_after(placed(), approved()), ship) == [shipped()]


@pytest.mark.parametrize(
    "history",
    [(), (placed(),), (placed(), rejected()), (placed(), approved(), cancelled()), (placed(), approved(), shipped())],
    ids=["never placed", "undecided", "rejected", "cancelled", "shipped"],
)
def test_only_an_approved_order_can_be_shipped(history: tuple[Event, ...]):
    with pytest.raises(OrderNotShippable):
        decide(order_after(*history), ship)


def test_events_of_others_leave_the_order_as_it_is():
    order = order_after(placed())

    assert order_after(placed(), stock_reserved(), credit_reserved()) == order


@given(st.lists(st.sampled_from([PLACE, approve, reject_for_want_of_stock, cancel, ship]), max_size=12))
def test_whatever_is_asked_an_order_gets_one_decision_and_one_end(commands: list[Callable[[Order], list[Event]]]):
    recorded: list[Event] = []

    for command in commands:
        try:
            recorded += decide(order_after(*recorded), command)
        except (OrderNotCancellable, OrderNotShippable):
            continue

    kinds = [type(event) for event in recorded]
    assert sum(kind in (OrderApproved, OrderRejected) for kind in kinds) <= 1
    assert sum(kind in (OrderRejected, OrderCancelled, OrderShipped) for kind in kinds) <= 1
    if OrderShipped in kinds:
        assert kinds.index(OrderApproved) < kinds.index(OrderShipped)
    assert (order_after(*recorded).status is None) == (PLACE not in commands)


def test_a_status_reads_as_in_the_api():
    assert [str(status) for status in Status] == ["placed", "approved", "rejected", "cancelled", "shipped"]
