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
    products = _number("How many are on sale.")
    version = _number("Counts edits.")


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
    units_in_stock = _number("What can be ordered now.")
    version = _number("Counts edits; orders do not change it.")


class Customer(Shape):
    username = _text()
    full_name = _text()
    email = _text()
    address = _address()
    role = _text(validate=validate.OneOf(["customer", "manager"]))
    credit = _money("What can still be spent.")
    held = _money("For orders under way.")
    spent = _money("On orders that were approved.")
    version = _number("Counts edits; orders do not change it.")


class Session(Shape):
    token = _text("To be sent as `Authorization: Bearer <token>`.")
    expires_at = _time()
    username = _text()
    role = _text(validate=validate.OneOf(["customer", "manager"]))


class SessionOwner(Shape):
    username = _text()
    role = _text(validate=validate.OneOf(["customer", "manager"]))
    expires_at = _time()


class Line(Shape):
    product_id = _id()
    name = _text("When the order was placed.")
    quantity = _number()
    unit_price = _money("When the order was placed.")
    total = _money()


class Order(Shape):
    id = _id()
    customer = _text()
    status = _text(validate=validate.OneOf(ORDER_STATUSES))
    stock = _text("Whether the units are held.", validate=validate.OneOf(HOLDS))
    credit = _text("Whether the total is held.", validate=validate.OneOf(HOLDS))
    reason = fields.List(
        fields.String(validate=validate.OneOf(list(Reason))),
        required=True,
        allow_none=True,
        metadata={"description": "Why it was rejected."},
    )
    lines = fields.List(fields.Nested(Line), required=True)
    address = _address("The customer's when they placed it.")
    total = _money()
    placed_at = _time()
    invoice = _text("Its number, once there is one.", allow_none=True)
    version = _number()


class OrderCounts(Shape):
    placed = _number()
    approved = _number()
    rejected = _number()
    cancelled = _number()
    shipped = _number()


class Record(Shape):
    position = _number("Of its commit in the log.")
    stream = _text()
    version = _number("Its place in the stream.")
    causation = _number("Position of what it answers; 0 for somebody's wish.")
    actor = _text("Who asked for it, as `role:username`.")
    service = _text("Who decided.")
    data = fields.Dict(required=True, metadata={"description": "The event's fields."})


class HistoryEntry(Shape):
    at = _time()
    event = _text("What happened.")
    state = _text("The order's status after it.", allow_none=True)
    detail = fields.Dict(required=True)
    recorded = fields.Nested(Record, metadata={"description": "For managers: what the log keeps of it."})


class Seller(Shape):
    name = _text()
    address = _text()
    tax_id = _text()


class Invoice(Shape):
    number = _text("Such as 2026-000123; without gaps.")
    order_id = _id()
    customer = _text()
    address = _address("The customer's when they placed the order.")
    seller = fields.Nested(Seller, required=True)
    lines = fields.List(fields.Nested(Line), required=True)
    tax_percent = _text("The rate that is included in the prices.")
    tax = _money("Included in the total.")
    total = _money()
    issued_at = _time()
    credited_by = _text("The credit note that takes it back.", allow_none=True)


class Month(Shape):
    month = _number("From 1 to 12.")
    total = _money()
    invoices = _number()


class Revenue(Shape):
    year = _number()
    total = _money("Invoices less credit notes.")
    months = fields.List(fields.Nested(Month), required=True)


class StreamEvent(Shape):
    stream = _text()
    version = _number("Its place in the stream, from 1 on.")
    type = _text("What happened.")
    data = fields.Dict(required=True, metadata={"description": "The event's fields; none where they are secret."})
    position = _number("Of its commit in the log.")
    at = _time()
    correlation_id = _text("The order, in a saga; else the request.")
    causation = _number("Position of what it answers; 0 for somebody's wish.")
    actor = _text("Who asked for it, as `role:username`.")
    service = _text("Who decided.")


class StreamState(Shape):
    stream = _text()
    version = _number("How many events count in the state.")
    last_version = _number("How many the stream has by now.")
    at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Of the last event that counts."})
    state = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The aggregate as its service sees it; null where there is none."},
    )
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The aggregate before the last event that counts; null where there was none."},
    )


class Check(Shape):
    name = _text("What is checked.")
    ok = fields.Boolean(required=True)
    detail = _text("What was checked, or what is wrong.")


class Audit(Shape):
    position = _number("Up to which the log was checked.")
    checked_at = _time()
    ok = fields.Boolean(required=True, metadata={"description": "Whether all is right."})
    checks = fields.List(fields.Nested(Check), required=True)


class DeadLetter(Shape):
    id = _number()
    service = _text("Which could not handle it.")
    position = _number("Of the event's commit in the log.")
    correlation_id = _text("The order, in a saga.")
    reaction = _text("What the service wanted to do.")
    error = _text("What went wrong.")
    attempts = _number("How often it was tried; 0 where it waits behind another one.")
    at = _time()
    state = _text("set_aside, or retrying.", validate=validate.OneOf(["set_aside", "retrying"]))


class Health(Shape):
    status = _text()


class ServiceReadiness(Shape):
    ready = fields.Boolean(required=True)
    position = fields.Integer(allow_none=True, metadata={"description": "How far in the log it has come."})
    lag = fields.Integer(allow_none=True, metadata={"description": "Commits that it has not seen yet."})
    reason = fields.String(allow_none=True, metadata={"description": "What keeps it from being ready."})


class Readiness(Shape):
    ready = fields.Boolean(required=True)
    seeded = fields.Boolean(
        required=True,
        metadata={"description": "The first manager and the demo are there, as far as the shop begins with them."},
    )
    services = fields.Dict(keys=fields.String(), values=fields.Nested(ServiceReadiness), required=True)


class Problem(Shape):
    """RFC 9457."""

    type = _text("A URI that names the kind of problem.")
    title = _text()
    status = _number()
    detail = _text()
    trace_id = _text("Names the request in our logs.")
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Messages by field, where fields are at fault; nested ones as `lines.0.quantity`."},
    )
