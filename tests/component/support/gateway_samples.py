"""One of each thing, as the services tell the gateway of it."""

from typing import Any

PRODUCT_ID = "11111111-1111-4111-8111-111111111111"
CATEGORY_ID = "22222222-2222-4222-8222-222222222222"
ORDER_ID = "33333333-3333-4333-8333-333333333333"
NUMBER = "2026-000123"
ADDRESS = {"street": "1 Lane", "city": "Bath", "postcode": "BA1", "country": "GB"}
AT = "2026-11-23T09:30:00.123Z"
SESSIONS = {
    "token-of-anna": {"username": "Anna", "role": "customer", "address": ADDRESS, "expires_at": AT},
    "token-of-max": {"username": "max", "role": "manager", "address": None, "expires_at": AT},
}


def euros(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


PRODUCT = {
    "id": PRODUCT_ID,
    "name": "Tea",
    "description": "Black.",
    "supplier": "Leaf & Co",
    "category": {"id": CATEGORY_ID, "name": "Drinks"},
    "price": euros(1998),
    "units_in_stock": 7,
    "version": 3,
}
CATEGORY = {"id": CATEGORY_ID, "name": "Drinks", "products": 1, "version": 2}
CUSTOMER = {
    "username": "Anna",
    "full_name": "Anna Ash",
    "email": "anna@example.org",
    "address": None,
    "role": "customer",
    "credit": euros(10_000),
    "held": euros(0),
    "spent": euros(5),
    "version": 4,
}
LINE = {"product_id": PRODUCT_ID, "name": "Tea", "quantity": 2, "unit_price": euros(1998), "total": euros(3996)}
ORDER = {
    "id": ORDER_ID,
    "customer": "Anna",
    "status": "placed",
    "stock": "pending",
    "credit": "pending",
    "reason": None,
    "lines": [LINE],
    "address": None,
    "total": euros(3996),
    "placed_at": AT,
    "invoice": None,
    "version": 1,
}
INVOICE = {
    "number": NUMBER,
    "order_id": ORDER_ID,
    "customer": "Anna",
    "address": None,
    "seller": {"name": "Shop", "address": "1 Market Square", "tax_id": "DE000000000"},
    "lines": [LINE],
    "tax_percent": "19",
    "tax": euros(638),
    "total": euros(3996),
    "issued_at": AT,
    "credited_by": None,
}


STREAM = "customer-anna"
EVENTS = [
    {
        "stream": STREAM,
        "version": version,
        "type": "CreditAdjusted",
        "data": {"username": "Anna", "change": euros(100 * version), "reason": "gift"},
        "position": 10 + version,
        "at": AT,
        "correlation_id": "a request",
        "causation": 0,
        "actor": "manager:max",
        "service": "customers",
    }
    for version in (1, 2, 3)
]
LETTER = {
    "id": 7,
    "subscription": "accounting",
    "position": 12,
    "correlation_id": ORDER_ID,
    "reaction": "issue_invoice",
    "error": "LookupError('the approved order has no invoice')",
    "attempts": 6,
    "at": AT,
    "state": "set_aside",
}
