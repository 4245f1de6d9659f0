"""Shapes of answers, for the OpenAPI description only: the services return them in this shape already."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from gateway_svc.fields import MoneyText
from gateway_svc.schemas import ORDER_STATUSES
from shop.contracts.events import Reason
from shop.service.validation import AddressFields

HOLDS = ("pending", "reserved", "rejected", "released")


def _text(description: str = "", **options: Any) -> fields.String:
    return fields.String(required=True, metadata={"description": description} if description else {}, **options)


def _number(description: str = "") -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": description} if description else {})


def _money(description: str = "") -> fields.Nested:
    return fields.Nested(MoneyText, required=True, metadata={"description": description} if description else {})


def _address(description: str = "") -> fields.Nested:
    described = {"description": description} if description else {}
    return fields.Nested(AddressFields, required=True, allow_none=True, metadata=described)


def _id() -> fields.UUID:
    return fields.UUID(required=True)


def _time() -> fields.DateTime:
    return fields.DateTime(required=True, metadata={"examples": ["2026-11-23T09:30:00.123Z"]})


class Shape(Schema):
    class Meta:
        unknown = EXCLUDE  # later versions may add fields


class Category(Shape):
    id = _id()
    name = _text()
    products = _number("Number of available products.")
    version = _number("Number of edits.")


class ProductCategory(Shape):
    id = _id()
    name = _text()


class Product(Shape):
    id = _id()
    name = _text()
    description = _text()
    supplier = _text()
    category = fields.Nested(ProductCategory, required=True)
    price = _money()
    units_in_stock = _number("Units that can be ordered.")
    version = _number("Number of edits; orders do not change it.")


class Customer(Shape):
    username = _text()
    full_name = _text()
    email = _text()
    address = _address()
    role = _text(validate=validate.OneOf(["customer", "manager"]))
    credit = _money("Available credit.")
    held = _money("Reserved for open orders.")
    spent = _money("Charged for approved orders.")
    version = _number("Number of edits; orders do not change it.")


class Session(Shape):
    token = _text("Send it as `Authorization: Bearer <token>`.")
    expires_at = _time()
    username = _text()
    role = _text(validate=validate.OneOf(["customer", "manager"]))


class SessionOwner(Shape):
    username = _text()
    role = _text(validate=validate.OneOf(["customer", "manager"]))
    expires_at = _time()


class Line(Shape):
    product_id = _id()
    name = _text("Name when the order was placed.")
    quantity = _number()
    unit_price = _money("Price when the order was placed.")
    total = _money()


class Order(Shape):
    id = _id()
    customer = _text()
    status = _text(validate=validate.OneOf(ORDER_STATUSES))
    stock = _text("Whether the units are reserved.", validate=validate.OneOf(HOLDS))
    credit = _text("Whether the total is reserved.", validate=validate.OneOf(HOLDS))
    reason = fields.List(
        fields.String(validate=validate.OneOf(list(Reason))),
        required=True,
        allow_none=True,
        metadata={"description": "Why the order was rejected."},
    )
    lines = fields.List(fields.Nested(Line), required=True)
    address = _address("The customer's address when the order was placed.")
    total = _money()
    placed_at = _time()
    invoice = _text("Number of the invoice; null before it is issued.", allow_none=True)
    version = _number()


class OrderCounts(Shape):
    placed = _number()
    approved = _number()
    rejected = _number()
    cancelled = _number()
    shipped = _number()


class Record(Shape):
    position = _number("Position of the event's commit in the log.")
    stream = _text()
    version = _number("Position of the event in its stream.")
    causation = _number("Position of the commit that caused it; 0 for a request.")
    actor = _text("Who requested it, as `role:username`.")
    service = _text("The service that recorded the event.")
    data = fields.Dict(required=True, metadata={"description": "The event's fields."})


class HistoryEntry(Shape):
    at = _time()
    event = _text("The event's type.")
    state = _text("The order's status after the event.", allow_none=True)
    detail = fields.Dict(required=True)
    recorded = fields.Nested(Record, metadata={"description": "For managers: the recorded event."})


class Seller(Shape):
    name = _text()
    address = _text()
    tax_id = _text()


class Invoice(Shape):
    number = _text("Gapless, such as 2026-000123.")
    order_id = _id()
    customer = _text()
    address = _address("The customer's address when the order was placed.")
    seller = fields.Nested(Seller, required=True)
    lines = fields.List(fields.Nested(Line), required=True)
    tax_percent = _text("The tax rate included in the prices.")
    tax = _money("Included in the total.")
    total = _money()
    issued_at = _time()
    credited_by = _text("Number of the credit note that cancels the invoice; null if none does.", allow_none=True)


class Month(Shape):
    month = _number("From 1 to 12.")
    total = _money()
    invoices = _number()


class Revenue(Shape):
    year = _number()
    total = _money("Net of credit notes.")
    months = fields.List(fields.Nested(Month), required=True)


class StreamEvent(Shape):
    stream = _text()
    version = _number("Position of the event in its stream, from 1.")
    type = _text("The event's type.")
    data = fields.Dict(required=True, metadata={"description": "The event's fields; empty where they are secret."})
    position = _number("Position of the event's commit in the log.")
    at = _time()
    correlation_id = _text("ID of the order, in a saga; otherwise of the request.")
    causation = _number("Position of the commit that caused it; 0 for a request.")
    actor = _text("Who requested it, as `role:username`.")
    service = _text("The service that recorded the event.")


class StreamState(Shape):
    stream = _text()
    version = _number("Number of events applied to the state.")
    last_version = _number("Number of events in the stream.")
    at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Time of the last event applied."})
    state = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The aggregate's state; null if it does not exist."},
    )
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The aggregate's state before the last event applied; null if it did not exist."},
    )


class Check(Shape):
    name = _text("Name of the check.")
    ok = fields.Boolean(required=True)
    detail = _text("What was checked, or the violations found.")


class Audit(Shape):
    position = _number("Log position up to which was checked.")
    checked_at = _time()
    ok = fields.Boolean(required=True, metadata={"description": "Whether all checks passed."})
    checks = fields.List(fields.Nested(Check), required=True)


class DeadLetter(Shape):
    id = _number()
    service = _text("The service that failed to process the event.")
    position = _number("Position of the event's commit in the log.")
    correlation_id = _text("ID of the order, in a saga.")
    reaction = _text("Name of the reaction that failed.")
    error = _text("The error message.")
    attempts = _number("Number of attempts; 0 while it waits behind another dead letter.")
    at = _time()
    state = _text("set_aside or retrying.", validate=validate.OneOf(["set_aside", "retrying"]))


class Health(Shape):
    status = _text()


class ServiceReadiness(Shape):
    ready = fields.Boolean(required=True)
    position = fields.Integer(allow_none=True, metadata={"description": "Log position of the service's read model."})
    lag = fields.Integer(allow_none=True, metadata={"description": "Commits not processed yet."})
    reason = fields.String(allow_none=True, metadata={"description": "Why the service is not ready."})


class Readiness(Shape):
    ready = fields.Boolean(required=True)
    seeded = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the first manager and the demo data have been created, where they are configured."
        },
    )
    services = fields.Dict(keys=fields.String(), values=fields.Nested(ServiceReadiness), required=True)


class Problem(Shape):
    """RFC 9457."""

    type = _text("URI that identifies the problem type.")
    title = _text()
    status = _number()
    detail = _text()
    trace_id = _text("Identifies the request in the logs.")
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Messages by invalid field; nested fields as `lines.0.quantity`."},
    )
