"""One order's rules: placed once, decided once, then cancelled or shipped."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_svc.domain import (
    ORDER as DECIDER,
)
from order_svc.domain import (
    ApproveOrder,
    CancelOrder,
    Command,
    Order,
    PlaceOrder,
    RejectOrder,
    ShipOrder,
    Status,
    decide,
    priced,
    require_same_request,
)
from shop.contracts.errors import CommandReused, InvalidRequest, OrderNotCancellable, OrderNotShippable
from shop.contracts.events import Event, OrderApproved, OrderCancelled, OrderRejected, OrderShipped, Reason, Units
from shop.contracts.money import MAX_AMOUNT, Money
from tests.unit.order_builders import (
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

PLACE = PlaceOrder(order_id=ORDER, customer="Ada", lines=placed().lines, address=HOME)
REJECT = RejectOrder(reasons=(Reason.OUT_OF_STOCK,))


def order_after(*events: Event) -> Order:
    return DECIDER.fold(events)


def test_placing_fixes_lines_total_and_address():
    events = decide(Order(), PLACE)

    assert events == [placed()]
    assert placed().total == euros(2 * 999 + 450)


def test_an_order_lives_in_a_stream_of_its_own():
    assert DECIDER.stream(ORDER) == placed().stream == f"order-{ORDER}"


def test_placing_the_same_order_again_records_nothing_even_at_a_new_price():
    dearer = replace(PLACE, lines=(line(price=1299), line(CUP, 1, 450, "Cup")))

    assert decide(order_after(placed()), dearer) == []


def test_an_order_id_is_not_taken_for_other_lines():
    other = replace(PLACE, lines=(line(quantity=3),))

    with pytest.raises(CommandReused):
        decide(order_after(placed()), other)


def test_a_repeat_is_compared_line_by_line():
    both = placed(line(TEA, 1), line(TEA, 2))

    require_same_request(both, [Units(product_id=TEA, quantity=1), Units(product_id=TEA, quantity=2)])
    with pytest.raises(CommandReused):
        require_same_request(both, [Units(product_id=TEA, quantity=3)])


def test_approval_carries_all_that_an_invoice_needs():
    assert decide(order_after(placed()), ApproveOrder()) == [approved()]


def test_rejection_says_why():
    assert decide(order_after(placed()), REJECT) == [rejected(Reason.OUT_OF_STOCK)]


@pytest.mark.parametrize("decision", [approved(), rejected(), cancelled()], ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("command", [ApproveOrder(), REJECT], ids=lambda command: type(command).__name__)
def test_a_decided_order_is_not_decided_again(decision: Event, command: Command):
    assert decide(order_after(placed(), decision), command) == []


@pytest.mark.parametrize("command", [ApproveOrder(), REJECT], ids=lambda command: type(command).__name__)
def test_an_order_that_was_never_placed_is_not_decided(command: Command):
    assert decide(Order(), command) == []


def test_an_undecided_order_can_be_cancelled():
    assert decide(order_after(placed()), CancelOrder()) == [cancelled(was_approved=False)]


def test_cancelling_an_approved_order_says_that_there_is_an_invoice():
    assert decide(order_after(placed(), approved()), CancelOrder()) == [cancelled(was_approved=True)]


@pytest.mark.parametrize(
    "history",
    [(), (placed(), rejected()), (placed(), cancelled()), (placed(), approved(), shipped())],
    ids=["never placed", "rejected", "cancelled", "shipped"],
)
def test_an_ended_order_cannot_be_cancelled(history: tuple[Event, ...]):
    with pytest.raises(OrderNotCancellable):
        decide(order_after(*history), CancelOrder())


def test_an_approved_order_can_be_shipped():
    assert decide(order_after(placed(), approved()), ShipOrder()) == [shipped()]


@pytest.mark.parametrize(
    "history",
    [(), (placed(),), (placed(), rejected()), (placed(), approved(), cancelled()), (placed(), approved(), shipped())],
    ids=["never placed", "undecided", "rejected", "cancelled", "shipped"],
)
def test_only_an_approved_order_can_be_shipped(history: tuple[Event, ...]):
    with pytest.raises(OrderNotShippable):
        decide(order_after(*history), ShipOrder())


def test_events_of_others_leave_the_order_as_it_is():
    order = order_after(placed())

    assert order_after(placed(), stock_reserved(), credit_reserved()) == order


@given(st.lists(st.sampled_from([PLACE, ApproveOrder(), REJECT, CancelOrder(), ShipOrder()]), max_size=12))
def test_whatever_is_asked_an_order_gets_one_decision_and_one_end(commands: list[Command]):
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


# Pricing


def units(*quantities: int) -> list[Units]:
    return [Units(product_id=TEA, quantity=quantity) for quantity in quantities]


def test_lines_are_priced_as_offered_and_stay_as_they_were_asked_for():
    lines = priced(units(2, 1, 2), {TEA: ("Tea", euros(999))}, currency="EUR")

    assert lines == (line(quantity=2), line(quantity=1), line(quantity=2))


def test_each_line_with_a_product_that_is_not_on_sale_is_named():
    wanted = [*units(1), Units(product_id=CUP, quantity=1), *units(1)]

    with pytest.raises(InvalidRequest) as refusal:
        priced(wanted, {CUP: ("Cup", euros(450))}, currency="EUR")

    assert sorted(refusal.value.errors) == ["lines.0.product_id", "lines.2.product_id"]


@given(st.integers(1, MAX_AMOUNT), st.integers(1, 1000))
def test_an_order_never_comes_to_more_than_the_shop_can_write_down(price: int, quantity: int):
    offers = {TEA: ("Tea", Money(price, "EUR"))}

    if price * quantity <= MAX_AMOUNT:
        assert priced(units(quantity), offers, currency="EUR")[0].total == Money(price * quantity, "EUR")
    else:
        with pytest.raises(InvalidRequest) as refusal:
            priced(units(quantity), offers, currency="EUR")
        assert list(refusal.value.errors) == ["lines"]


def test_a_status_reads_as_in_the_api():
    assert [str(status) for status in Status] == ["placed", "approved", "rejected", "cancelled", "shipped"]
