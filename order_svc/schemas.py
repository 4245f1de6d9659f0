"""Schemas of the orders service's arguments."""

from marshmallow import Schema, fields, validate

from order_svc.domain import Status
from shop.service.validation import AddressFields, Id, MoneyWire, Text, Username, WholeNumber

MOST_LINES, MOST_OF_ONE = 50, 1_000


class LineFields(Schema):
    """A number of units of a product."""

    product_id = Id(required=True)
    quantity = WholeNumber(1, MOST_OF_ONE, required=True)


class OrderFields(Schema):
    """An order. Its id is derived from the key, so a retry cannot become a second order."""

    key = Text(255, required=True, data_key="Idempotency-Key")
    lines = fields.List(fields.Nested(LineFields), required=True, validate=validate.Length(1, MOST_LINES))
    address = fields.Nested(AddressFields, allow_none=True)
    expected_total = MoneyWire()


ORDER_FIELDS = OrderFields()
"""A shared instance: creating one takes longer than checking an order."""


class OrdersQuery(Schema):
    """A query for orders."""

    status = fields.Enum(Status, by_value=True, allow_none=True)
    customer = Username(allow_none=True)
    placed_from = fields.AwareDateTime(allow_none=True)
    placed_before = fields.AwareDateTime(allow_none=True)
    sort = fields.String(validate=validate.OneOf(("placed", "-placed")))
    limit = WholeNumber(1, 100)
