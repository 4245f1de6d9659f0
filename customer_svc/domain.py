"""The rules of customers: identity, role and credit. Pure."""

from dataclasses import dataclass, replace
from typing import TypedDict, assert_never

from shop.contracts import names
from shop.contracts.deciders import Decider, require_version
from shop.contracts.errors import CreditBelowZero, CreditMoved, InvalidRequest, UnknownCustomer, UsernameTaken
from shop.contracts.events import (
    Address,
    CreditAdjusted,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    ProfileChanged,
    Role,
    RoleGranted,
    RoleRevoked,
)
from shop.contracts.money import MAX_AMOUNT, Money, zero


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Personal details that customers enter and may change."""

    full_name: str
    email: str
    address: Address | None = None


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A registered customer. Orders are sums here, since a customer may have any number of them.

    Attributes:
        username: in the customer's own spelling.
        credit: available credit.
        reserved: the sum reserved or spent by orders, without released amounts.
        version: edits so far, registration included; orders do not count.
    """

    username: str
    profile: Profile
    role: Role
    credit: Money
    reserved: Money
    version: int = 1


class ProfileChanges(TypedDict, total=False):
    """Changed parts of a profile; an address of None removes it."""

    full_name: str
    email: str
    address: Address | None


@dataclass(frozen=True, kw_only=True)
class RegisterCustomer:
    """Register a customer under this username."""

    username: str
    profile: Profile
    credit: Money
    role: Role = Role.CUSTOMER


@dataclass(frozen=True, kw_only=True)
class ChangeProfile:
    """Change personal details."""

    username: str
    changes: ProfileChanges
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class SetCredit:
    """Set a customer's available credit, by a manager.

    Args:
        expected: the credit that the manager saw; orders change it, and do not count as edits.
    """

    username: str
    credit: Money
    reason: str
    expected: Money | None = None
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeCredit:
    """Add to a customer's credit, by a manager; negative to reduce it."""

    username: str
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True)
class GrantRole:
    """Grant a role to a user."""

    username: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class RevokeRole:
    """Make a user an ordinary customer again."""

    username: str


Edit = ChangeProfile | SetCredit | ChangeCredit | GrantRole | RevokeRole
Command = RegisterCustomer | Edit


def decide(customer: Customer | None, command: Command) -> list[Event]:
    """The command's events; none if nothing changes.

    Raises:
        UsernameTaken: the username is taken.
        UnknownCustomer: the customer does not exist.
        EditConflict: the edit was made on another version.
        CreditBelowZero: the credit would become negative.
        CreditMoved: the credit is not the expected one.
        InvalidRequest: the credit would become more than MAX_AMOUNT.
    """
    match command:
        case RegisterCustomer():
            return _register(customer, command)
        case _:
            if customer is None:
                raise UnknownCustomer(command.username)
            return _edit(customer, command)


def _edit(customer: Customer, command: Edit) -> list[Event]:
    match command:
        case ChangeProfile():
            return _change_profile(customer, command)
        case SetCredit():
            return _set_credit(customer, command)
        case ChangeCredit():
            return _adjust_credit(customer, command.amount, command.reason)
        case GrantRole(role=role):
            return [] if role is customer.role else [RoleGranted(username=customer.username, role=role)]
        case RevokeRole():
            ordinary = customer.role is Role.CUSTOMER
            return [] if ordinary else [RoleRevoked(username=customer.username, role=customer.role)]
        case _:
            assert_never(command)


def _register(customer: Customer | None, command: RegisterCustomer) -> list[Event]:
    if customer is not None:
        raise UsernameTaken(command.username)
    if command.credit.amount < 0:
        raise CreditBelowZero(command.credit.text)
    registered = CustomerRegistered(
        username=command.username,
        full_name=command.profile.full_name,
        email=command.profile.email,
        role=command.role,
        credit=command.credit,
    )
    return [registered]


def _change_profile(customer: Customer, command: ChangeProfile) -> list[Event]:
    require_version(customer.version, command.if_match)
    profile = replace(customer.profile, **command.changes)
    if profile == customer.profile:
        return []
    changed = ProfileChanged(
        username=customer.username, full_name=profile.full_name, email=profile.email, address=profile.address
    )
    return [changed]


def _set_credit(customer: Customer, command: SetCredit) -> list[Event]:
    require_version(customer.version, command.if_match)
    if command.expected not in (None, customer.credit):
        raise CreditMoved(f"{customer.credit.text} {customer.credit.currency}")
    return _adjust_credit(customer, command.credit - customer.credit, command.reason)


def _adjust_credit(customer: Customer, change: Money, reason: str) -> list[Event]:
    credit = customer.credit + change
    if credit.amount < 0:
        raise CreditBelowZero(credit.text)
    if credit.amount > MAX_AMOUNT:
        most = Money(MAX_AMOUNT, credit.currency).text
        raise InvalidRequest({"amount": [f"Available credit must not exceed {most}."]})
    if not change.amount:
        return []
    return [CreditAdjusted(username=customer.username, change=change, reason=reason)]


def evolve(customer: Customer | None, event: Event) -> Customer | None:
    """The customer after the event. A rejected order changes nothing, so the customer need not exist."""
    if isinstance(event, CustomerRegistered):
        profile = Profile(full_name=event.full_name, email=event.email)
        nothing = zero(event.credit.currency)
        return Customer(
            username=event.username, profile=profile, role=event.role, credit=event.credit, reserved=nothing
        )
    return None if customer is None else _after(customer, event)


def _after(customer: Customer, event: Event) -> Customer:
    match event:
        case CreditReserved(amount=amount):
            return replace(customer, credit=customer.credit - amount, reserved=customer.reserved + amount)
        case CreditReleased(amount=amount):
            return replace(customer, credit=customer.credit + amount, reserved=customer.reserved - amount)
        case _:
            return _edited(customer, event)


def _edited(customer: Customer, event: Event) -> Customer:
    version = customer.version + 1
    match event:
        case ProfileChanged():
            profile = Profile(full_name=event.full_name, email=event.email, address=event.address)
            return replace(customer, profile=profile, version=version)
        case CreditAdjusted(change=change):
            return replace(customer, credit=customer.credit + change, version=version)
        case RoleGranted(role=role):
            return replace(customer, role=role, version=version)
        case RoleRevoked():
            return replace(customer, role=Role.CUSTOMER, version=version)
        case _:
            return customer


CUSTOMER: Decider[Customer | None] = Decider(names.customer_stream, None, evolve)
