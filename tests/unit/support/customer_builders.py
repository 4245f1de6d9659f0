"""Customers and commands for tests: sensible in everything that a test does not name."""

from uuid import UUID

from customer_svc.domain import (
    CUSTOMER,
    ChangeProfile,
    Command,
    Customer,
    Profile,
    ProfileChanges,
    RegisterCustomer,
    ReleaseCredit,
    ReserveCredit,
    decide,
)
from shop.contracts.events import (
    Address,
)
from shop.contracts.money import Money

ORDER, OTHER_ORDER = UUID(int=1), UUID(int=2)
HOME = Address(street="Way 1", city="Bern", postcode="3000", country="CH")


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def registering(credit: int = 10_000, **more: object) -> RegisterCustomer:
    profile = Profile(full_name="Ann Example", email="ann@example.com")
    return RegisterCustomer(username="Ann", profile=profile, credit=eur(credit), **more)


def customer_after(*commands: Command, start: Customer | None = None) -> Customer:
    state = start
    for command in commands:
        state = CUSTOMER.fold(decide(state, command), state)
    assert state is not None
    return state


def ann(credit: int = 10_000) -> Customer:
    return customer_after(registering(credit))


def reserve(cents: int, order: UUID = ORDER) -> ReserveCredit:
    return ReserveCredit(username="Ann", order_id=order, amount=eur(cents))


def release(cents: int, order: UUID = ORDER) -> ReleaseCredit:
    return ReleaseCredit(username="Ann", order_id=order, amount=eur(cents))


def changing(changes: ProfileChanges, if_match: int | None = None) -> ChangeProfile:
    return ChangeProfile(username="Ann", changes=changes, if_match=if_match)
