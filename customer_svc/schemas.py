"""Schemas of the customers service's arguments."""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates

from customer_svc.domain import ProfileChanges
from shop.contracts.actors import ANONYMOUS, OPERATOR
from shop.contracts.codec import load
from shop.contracts.errors import UnknownCustomer
from shop.contracts.events import Address, Role
from shop.contracts.money import MAX_AMOUNT
from shop.service.pagination import key_of
from shop.service.validation import (
    LONGEST_NAME,
    LONGEST_REASON,
    USERNAME,
    AddressFields,
    Email,
    MoneyWire,
    Password,
    Secret,
    Text,
    Username,
    WholeNumber,
    check,
)

RESERVED = frozenset({ANONYMOUS, OPERATOR, "me"})
"""Usernames with another meaning in an address or a record."""


class RegistrationFields(Schema):
    """A new customer."""

    username = Username(required=True)
    password = Password(required=True)
    full_name = Text(LONGEST_NAME, required=True)
    email = Email(required=True)

    @validates("username")
    def refuse_reserved(self, value: str, **_: Any) -> None:
        if value.casefold() in RESERVED:
            raise ValidationError("This name is reserved.")


class LogInFields(Schema):
    """A login. Credentials that cannot exist count as wrong, not as invalid."""

    username = Text(LONGEST_NAME, required=True)
    password = Secret(required=True)
    client = Text(LONGEST_NAME, allow_none=True)


class NewPasswordFields(Schema):
    """A user's new password."""

    current_password = Secret(required=True)
    new_password = Password(required=True)


class ResetPasswordFields(Schema):
    """A new password, set by an operator."""

    password = Password(required=True)


class ProfileFields(Schema):
    """A customer's profile."""

    full_name = Text(LONGEST_NAME)
    email = Email()
    address = fields.Nested(AddressFields, allow_none=True)

    @post_load
    def make_address(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        address = values.get("address")
        return values | {"address": load(Address, address)} if address else values


class CreditFields(Schema):
    """A customer's new credit; the domain checks whether it may be negative."""

    credit = MoneyWire(required=True, least=-MAX_AMOUNT)
    reason = Text(LONGEST_REASON, required=True)
    expected = MoneyWire(least=-MAX_AMOUNT)


class CreditChangeFields(Schema):
    """A change of a customer's credit; negative to reduce it."""

    amount = MoneyWire(required=True, least=-MAX_AMOUNT)
    reason = Text(LONGEST_REASON, required=True)


class RoleFields(Schema):
    """A user's new role."""

    role = fields.Enum(Role, by_value=True, required=True)


class CustomersQuery(Schema):
    """A query for customers. `after` is the cursor from the previous page."""

    q = Text(LONGEST_NAME, blank=True, allow_none=True)
    limit = WholeNumber(1, 100)
    after = fields.String(allow_none=True)


def profile_changes(changes: dict[str, Any]) -> ProfileChanges:
    """The changes of an edit. Raises: InvalidRequest."""
    checked: Any = check(ProfileFields(), changes)
    wanted: ProfileChanges = checked
    return wanted


def query_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The query as `CustomerRows.customers` takes it. Raises: InvalidRequest."""
    values = check(CustomersQuery(), asked)
    key = key_of(values["after"], str)
    return {"q": values["q"] or "", "limit": values["limit"], "after": key[0] if key else None}


def existing_name(username: Any) -> str:
    """A username from an address. Raises: UnknownCustomer, for a form that no username has."""
    if not isinstance(username, str) or not re.fullmatch(USERNAME, username, re.ASCII):
        raise UnknownCustomer
    return username
