"""Customers and commands for tests: sensible in everything that a test does not name."""

from typing import Any
from uuid import UUID

from customer_svc import credit as credit_of_orders
from customer_svc import domain
from customer_svc.domain import (
    CUSTOMER,
    ChangeProfile,
    Customer,
    Profile,
    ProfileChanges,
    RegisterCustomer,
)
from shop.contracts.events import Address, CreditReserved, Event, OrderPlaced
from shop.contracts.money import Money

ORDER, OTHER_ORDER = UUID(int=1), UUID(int=2)
HOME = Address(street="Way 1", city="Bern", postcode="3000", country="CH")


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def registering(credit: int = 10_000, **more: object) -> RegisterCustomer:
    profile = Profile(full_name="Ann Example", email="ann@example.com")
    return RegisterCustomer(username="Ann", profile=profile, credit=eur(credit), **more)


def decide(customer: Customer | None, command: Any) -> list[Event]:
    """The rules' events for a command, for an order that was placed, or for a reservation whose order has ended."""
    match command:
        case OrderPlaced():
            return [credit_of_orders.reserve(customer, command)]
        case CreditReserved():
            return [credit_of_orders.release(command, command.username)]
    return domain.decide(customer, command)


def customer_after(*commands: Any, start: Customer | None = None) -> Customer:
    state = start
    for command in commands:
        state = CUSTOMER.fold(decide(state, command), state)
    assert state is not None
    return state


def ann(credit: int = 10_000) -> Customer:
    return customer_after(registering(credit))


def reserve(cents: int, order: UUID = ORDER) -> OrderPlaced:
    return OrderPlaced(order_id=order, customer="Ann", lines=(), total=eur(cents), address=None)


def release(cents: int, order: UUID = ORDER) -> CreditReserved:
    return CreditReserved(username="Ann", order_id=order, amount=eur(cents))


def changing(changes: ProfileChanges, if_match: int | None = None) -> ChangeProfile:
    return ChangeProfile(username="Ann", changes=changes, if_match=if_match)
