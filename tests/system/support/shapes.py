"""The shape of the API's answers, as its users are promised: fields, and their contents."""

import re
from collections.abc import Mapping
from typing import Any

from tests.system.support.clients import Client

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MONEY = re.compile(r"-?\d+\.\d\d")
INVOICE_NUMBER = re.compile(r"\d{4}-\d{6}")
CREDIT_NOTE_NUMBER = re.compile(r"C\d{4}-\d{6}")
ENTITY_TAG = re.compile(r'"\d+"')

CATEGORY = {"id", "name", "products", "version"}
PRODUCT = {"id", "name", "description", "supplier", "category", "price", "units_in_stock", "version"}
CUSTOMER = {"username", "full_name", "email", "address", "role", "credit", "held", "spent", "version"}
SESSION = {"token", "expires_at", "username", "role"}
LINE = {"product_id", "name", "quantity", "unit_price", "total"}
ORDER = {"id", "customer", "status", "stock", "credit", "reason", "lines", "address", "total", "placed_at"} | {
    "invoice",
    "version",
}
HISTORY_ENTRY = {"at", "event", "state", "detail"}
INVOICE = {"number", "order_id", "customer", "seller", "lines", "tax", "total", "issued_at", "credited_by"} | {
    "address",
    "tax_percent",
}
REVENUE = {"year", "total", "months"}


def assert_product(product: Any) -> None:
    assert product.keys() == PRODUCT
    assert product["category"].keys() == {"id", "name"}
    assert ID.fullmatch(product["id"])
    assert ID.fullmatch(product["category"]["id"])
    assert_money(product["price"])
    assert [type(product[field]) for field in ("name", "description", "supplier")] == [str, str, str]
    assert type(product["units_in_stock"]) is type(product["version"]) is int


def assert_customer(customer: Any) -> None:
    assert customer.keys() == CUSTOMER
    assert customer["role"] in ("customer", "manager")
    assert customer["address"] is None or customer["address"].keys() == {"street", "city", "postcode", "country"}
    for field in ("credit", "held", "spent"):
        assert_money(customer[field])
    assert type(customer["version"]) is int


def assert_order(order: Any) -> None:
    assert order.keys() == ORDER
    assert ID.fullmatch(order["id"])
    assert TIME.fullmatch(order["placed_at"])
    assert order["status"] in ("placed", "approved", "rejected", "cancelled", "shipped")
    assert {order["stock"], order["credit"]} <= {"pending", "reserved", "rejected", "released"}
    assert order["reason"] is None or (order["reason"] and type(order["reason"]) is list)
    assert order["invoice"] is None or INVOICE_NUMBER.fullmatch(order["invoice"])
    assert type(order["version"]) is int
    assert_lines(order)


def assert_invoice(invoice: Any) -> None:
    assert invoice.keys() == INVOICE
    assert INVOICE_NUMBER.fullmatch(invoice["number"])
    assert ID.fullmatch(invoice["order_id"])
    assert TIME.fullmatch(invoice["issued_at"])
    assert invoice["seller"].keys() == {"name", "address", "tax_id"}
    assert invoice["credited_by"] is None or CREDIT_NOTE_NUMBER.fullmatch(invoice["credited_by"])
    assert_money(invoice["tax"])
    assert_lines(invoice)


def assert_lines(document: Any) -> None:
    """Lines of an order or invoice add up to its total."""
    for line in document["lines"]:
        assert line.keys() == LINE
        assert type(line["quantity"]) is int
        assert cents(line["total"]) == cents(line["unit_price"]) * line["quantity"]
    assert cents(document["total"]) == sum(cents(line["total"]) for line in document["lines"])


def assert_money(money: Any) -> None:
    assert money.keys() == {"amount", "currency"}
    assert money["currency"] == "EUR"
    assert type(money["amount"]) is str
    assert MONEY.fullmatch(money["amount"])


def cents(money: Any) -> int:
    """The amount in minor units."""
    assert_money(money)
    return int(money["amount"].replace(".", ""))


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def funds(customer: Client) -> tuple[str, str, str]:
    """The amounts that a customer can still spend, that are held, and that are spent."""
    credit, held, spent = part(customer.me, "credit", "held", "spent")
    return credit["amount"], held["amount"], spent["amount"]


def part(document: Mapping[str, Any], *fields: str) -> tuple[Any, ...]:
    """The values of some fields."""
    return tuple(document[field] for field in fields)
