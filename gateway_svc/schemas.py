"""Bodies and query strings of requests. Shape only; the services check the meaning of values."""

from marshmallow import Schema, fields, validate

from gateway_svc.fields import AmountText, Body, Digits, Flag, Query, Time, UuidText
from shop.service.validation import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_REASON,
    MOST_UNITS,
    AddressFields,
    Email,
    Password,
    Secret,
    Text,
    Username,
    WholeNumber,
)
from shop.text.matching import MOST_WORDS

MOST_LINES, MOST_OF_ONE = 50, 1_000
LONGEST_SEARCH = 100
MOST_EVENTS = 999_999_999
WORDS = (
    "Words that must all occur in {}, in any order. Case and accents are ignored, as are words after the "
    f"{MOST_WORDS}th."
)
CURSOR = r"\A[A-Za-z0-9_=-]{1,2000}\Z"
ORDER_STATUSES = ("placed", "approved", "rejected", "cancelled", "shipped")
ORDER_ORDERS = ("placed", "-placed")
PRODUCT_ORDERS = ("name", "-name", "price", "-price", "added", "-added", "units", "-units")


# Bodies


class NewCustomer(Body):
    username = Username(required=True)
    password = Password(required=True)
    full_name = Text(LONGEST_NAME, required=True)
    email = Email(required=True)


class ProfileChanges(Body):
    full_name = Text(LONGEST_NAME)
    email = Email()
    address = fields.Nested(AddressFields, allow_none=True)


class PasswordChange(Body):
    current_password = Secret(required=True)
    new_password = Password(required=True)


class LogIn(Body):
    username = Text(LONGEST_NAME, required=True)
    password = Secret(required=True)


class CreditSetting(Body):
    credit = AmountText(required=True, least=None)
    reason = Text(LONGEST_REASON, required=True)
    expected = AmountText(
        least=None, metadata={"description": "The available credit that you saw; 409 if it has changed."}
    )


class CreditChange(Body):
    amount = AmountText(required=True, least=None, metadata={"description": "A negative amount deducts credit."})
    reason = Text(LONGEST_REASON, required=True)


class CategoryName(Body):
    name = Text(LONGEST_NAME, required=True)


class NewProduct(Body):
    name = Text(LONGEST_NAME, required=True)
    description = Text(LONGEST_DESCRIPTION, required=True, multiline=True, blank=True)
    supplier = Text(LONGEST_NAME, required=True)
    category_id = UuidText(required=True)
    price = AmountText(required=True)
    units_in_stock = WholeNumber(0, MOST_UNITS, required=True)


class ProductChanges(Body):
    name = Text(LONGEST_NAME)
    description = Text(LONGEST_DESCRIPTION, multiline=True, blank=True)
    supplier = Text(LONGEST_NAME)
    category_id = UuidText()
    price = AmountText()


class StockChange(Body):
    delta = WholeNumber(
        -MOST_UNITS,
        MOST_UNITS,
        required=True,
        metadata={"description": "Units to add; a negative number removes units."},
    )
    reason = Text(LONGEST_REASON, required=True)


class NewOrderLine(Schema):
    product_id = UuidText(required=True)
    quantity = WholeNumber(1, MOST_OF_ONE, required=True)


class NewOrder(Body):
    lines = fields.List(
        fields.Nested(NewOrderLine),
        required=True,
        validate=validate.Length(1, MOST_LINES, error=f"Must have 1 to {MOST_LINES} lines."),
    )
    expected_total = AmountText(metadata={"description": "The total that you saw; 409 if it has changed."})


# Query strings


class Page(Query):
    limit = Digits(1, 100, load_default=20, metadata={"description": "Maximum number of items."})
    after = fields.String(
        validate=validate.Regexp(CURSOR, error="Not a valid cursor for this list."),
        metadata={"description": "The `next` of the previous page."},
    )


class ProductsQuery(Page):
    category = UuidText(metadata={"description": "Only products of this category."})
    q = Text(LONGEST_SEARCH, blank=True, metadata={"description": WORDS.format("name, description and supplier")})
    in_stock = Flag(metadata={"description": "Only products in stock."})
    sort = fields.String(validate=validate.OneOf(PRODUCT_ORDERS))


class CustomersQuery(Page):
    q = Text(
        LONGEST_SEARCH, blank=True, metadata={"description": WORDS.format("username, full name and email address")}
    )


class OrdersQuery(Page):
    status = fields.String(validate=validate.OneOf(ORDER_STATUSES))
    customer = Username(metadata={"description": "For managers: only orders of this customer."})
    placed_from = Time(metadata={"description": "Only orders placed at this time or later."})
    placed_before = Time(metadata={"description": "Only orders placed before this time."})
    sort = fields.String(
        validate=validate.OneOf(ORDER_ORDERS), metadata={"description": "Defaults to `-placed`, newest first."}
    )


class CountsQuery(Query):
    placed_from = Time(metadata={"description": "Only orders placed at this time or later."})
    placed_before = Time(metadata={"description": "Only orders placed before this time."})


class StreamQuery(Query):
    limit = Digits(1, 100, load_default=20, metadata={"description": "Maximum number of items."})
    after = Digits(0, MOST_EVENTS, load_default=0, metadata={"description": "Only events after this version."})


class StateQuery(Query):
    version = Digits(
        0, MOST_EVENTS, metadata={"description": "State after this number of events; the current state by default."}
    )
    at = Time(
        metadata={"description": "State at this time, instead of a version.", "examples": ["2026-11-23T09:30:00Z"]}
    )


class HistoryQuery(Page):
    limit = Digits(1, 100, metadata={"description": "Maximum number of items; all by default."})


class InvoicesQuery(Page):
    year = Digits(1, 9999)


class RevenueQuery(Query):
    year = Digits(1, 9999, metadata={"description": "The current year by default."})
