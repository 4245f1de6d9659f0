"""Invariants of customers and their credit, whatever happens in which order."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from customer_svc.domain import (
    CUSTOMER,
    ChangeCredit,
    GrantRole,
    RevokeRole,
    SetCredit,
)
from shop.contracts.errors import ShopError
from shop.contracts.events import (
    CreditAdjusted,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    OrderPlaced,
    Role,
)
from shop.contracts.money import Money
from tests.unit.support.customer_builders import HOME, changing, decide, eur, registering, release, reserve

ORDERS = st.integers(1, 4).map(lambda number: UUID(int=number))
CENTS = st.integers(-50, 500).map(eur)
COMMANDS = st.one_of(
    st.builds(registering, credit=st.integers(0, 500)),
    st.builds(reserve, st.integers(0, 500), ORDERS),
    st.builds(release, st.just(0), ORDERS),
    st.builds(
        SetCredit,
        username=st.just("Ann"),
        credit=CENTS,
        reason=st.just("because"),
        expected=st.one_of(st.none(), CENTS),
    ),
    st.builds(ChangeCredit, username=st.just("Ann"), amount=CENTS, reason=st.just("because")),
    st.builds(changing, st.sampled_from([{}, {"full_name": "A"}, {"address": HOME}])),
    st.builds(GrantRole, username=st.just("Ann"), role=st.just(Role.MANAGER)),
    st.builds(RevokeRole, username=st.just("Ann")),
)


def history_of(commands: list[Any]) -> list[Event]:
    """The events that these commands come to; without those refused, and those that would happen a second time."""
    state, history, held = None, [], {}
    for command in commands:
        if isinstance(command, OrderPlaced | CreditReserved) and isinstance(command, OrderPlaced) == (
            command.order_id in held
        ):
            continue
        try:
            events = decide(state, _as_recorded(command, held))
        except ShopError:
            continue
        state = CUSTOMER.fold(events, state)
        history += events
        held |= {event.order_id: event.amount for event in events if isinstance(event, CreditReserved)}
    return history


def _as_recorded(command: Any, held: dict[UUID, Money]) -> Any:
    """An order gives back what it took."""
    return replace(command, amount=held.pop(command.order_id)) if isinstance(command, CreditReserved) else command


@given(st.lists(COMMANDS, max_size=40))
def test_credit_is_never_negative_and_never_lost(commands):
    opening_and_adjustments, held = 0, {}

    history = history_of(commands)

    for count, event in enumerate(history, start=1):
        match event:
            case CustomerRegistered(credit=credit):
                opening_and_adjustments += credit.amount
            case CreditAdjusted(change=change):
                opening_and_adjustments += change.amount
            case CreditReserved(order_id=order, amount=amount):
                held[order] = amount
            case CreditReleased(order_id=order, amount=amount):
                assert held.pop(order) == amount, "no more goes back than was taken"
        customer = CUSTOMER.fold(history[:count])
        if customer is not None:
            assert customer.credit.amount >= 0
            assert customer.reserved.amount == sum(amount.amount for amount in held.values())
            assert (customer.credit + customer.reserved).amount == opening_and_adjustments


@given(st.lists(COMMANDS, max_size=40), st.data())
def test_a_history_gives_the_same_state_however_it_is_cut(commands, data):
    history = history_of(commands)
    cut = data.draw(st.integers(0, len(history)))

    resumed = CUSTOMER.fold(history[cut:], CUSTOMER.fold(history[:cut]))

    assert resumed == CUSTOMER.fold(history)


@given(st.lists(COMMANDS, max_size=40))
def test_versions_grow_by_one_with_each_edit(commands):
    history = history_of(commands)
    edits = [event for event in history if not isinstance(event, CreditReserved | CreditReleased | CreditRejected)]

    customer = CUSTOMER.fold(history)

    assert (customer.version if customer else 0) == len(edits)
