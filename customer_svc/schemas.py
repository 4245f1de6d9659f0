"""The shape of what the customers service takes."""

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
"""Usernames that would be taken for something else in an address or a record."""


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
    """A try to log in; what could never be somebody's is simply wrong, not refused."""

    username = Text(LONGEST_NAME, required=True)
    password = Secret(required=True)
    client = Text(LONGEST_NAME, allow_none=True)


class NewPasswordFields(Schema):
    """A user's own new password."""

    current_password = Secret(required=True)
    new_password = Password(required=True)


class ResetPasswordFields(Schema):
    """A password given by an operator."""

    password = Password(required=True)


class ProfileFields(Schema):
    """What customers say about themselves."""

    full_name = Text(LONGEST_NAME)
    email = Email()
    address = fields.Nested(AddressFields, allow_none=True)

    @post_load
    def make_address(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        address = values.get("address")
        return values | {"address": load(Address, address)} if address else values


class CreditFields(Schema):
    """What a customer can still spend; whether it may be negative is not a question of shape."""

    credit = MoneyWire(required=True, least=-MAX_AMOUNT)
    reason = Text(LONGEST_REASON, required=True)
    expected = MoneyWire(least=-MAX_AMOUNT)


class CreditChangeFields(Schema):
    """What is added to a customer's credit; negative, where it is taken."""

    amount = MoneyWire(required=True, least=-MAX_AMOUNT)
    reason = Text(LONGEST_REASON, required=True)


class RoleFields(Schema):
    """What somebody may do from now on."""

    role = fields.Enum(Role, by_value=True, required=True)


class CustomersQuery(Schema):
    """Which customers to list. `after` is the cursor that the page before gave."""

    q = Text(LONGEST_NAME, blank=True, allow_none=True)
    limit = WholeNumber(1, 100)
    after = fields.String(allow_none=True)


def profile_changes(changes: dict[str, Any]) -> ProfileChanges:
    """The changes of an edit. Raises: InvalidRequest."""
    checked: Any = check(ProfileFields(), changes)
    wanted: ProfileChanges = checked
    return wanted


def query_of(asked: dict[str, Any]) -> dict[str, Any]:
    """Which customers are asked for, as `CustomerRows.customers` takes it. Raises: InvalidRequest."""
    values = check(CustomersQuery(), asked)
    key = key_of(values["after"], str)
    return {"q": values["q"] or "", "limit": values["limit"], "after": key[0] if key else None}


def existing_name(username: Any) -> str:
    """A username as it comes in an address. Raises: UnknownCustomer, for nobody has another kind of name."""
    if not isinstance(username, str) or not re.fullmatch(USERNAME, username, re.ASCII):
        raise UnknownCustomer
    return username
