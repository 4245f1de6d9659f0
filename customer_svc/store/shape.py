"""The stored form of customers in every kind of database: a row for each, and one for each reservation of credit."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

from customer_svc.domain import Customer, Profile
from shop.contracts.codec import dump, load
from shop.contracts.events import Address, Role
from shop.contracts.money import Money, zero
from shop.contracts.views import AddressView, CustomerView
from shop.contracts.wire import Wire
from shop.text.matching import searched


class Reservation(StrEnum):
    """State of an order's reservation of credit."""

    HELD = "held"
    SPENT = "spent"
    RELEASED = "released"


def address_wire(address: Address | None) -> AddressView | None:
    """An address in the form of RPC."""
    return cast(AddressView, dump(address)) if address else None


def customer_wire(customer: Customer, *, held: Money, spent: Money) -> CustomerView:
    """A customer in the RPC form."""
    profile = customer.profile
    return {
        "username": customer.username,
        "full_name": profile.full_name,
        "email": profile.email,
        "address": address_wire(profile.address),
        "role": str(customer.role),
        "credit": customer.credit.dump(),
        "held": held.dump(),
        "spent": spent.dump(),
        "version": customer.version,
    }


def columns_of(customer: Customer) -> Wire:
    profile = customer.profile
    return {
        "username": customer.username,
        "full_name": profile.full_name,
        "email": profile.email,
        "address": address_wire(profile.address),
        "role": str(customer.role),
        "credit": customer.credit.amount,
        "currency": customer.credit.currency,
        "version": customer.version,
        "search": searched(customer.username, profile.full_name, profile.email),
    }


def customer_of(row: Mapping[str, Any]) -> Customer:
    """The customer without reservations: these have rows of their own, and events carry the amounts."""
    return Customer(
        username=row["username"],
        profile=Profile(
            full_name=row["full_name"],
            email=row["email"],
            address=load(Address, row["address"]) if row["address"] else None,
        ),
        role=Role(row["role"]),
        credit=Money(row["credit"], row["currency"]),
        reserved=zero(row["currency"]),
        version=row["version"],
    )
