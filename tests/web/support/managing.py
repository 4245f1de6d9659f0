"""A manager without a browser: Flask's test client at the back office, with a gateway made up for the test."""

from decimal import Decimal
from functools import cache

from flask import Flask

from backoffice_web.app import create_app
from tests.web.support.fake_gateway import (
    BOWL,
    KITCHEN,
    NOW,
    FakeGateway,
    customer,
    eur,
    invoice,
    order,
    page_of,
    product,
    session,
)
from tests.web.support.visiting import SETTINGS, Visitor

LETTER = {
    "id": 7,
    "service": "accounting",
    "position": 12,
    "correlation_id": order()["id"],
    "reaction": "issue_invoice",
    "error": "the order has no total",
    "attempts": 6,
    "at": NOW,
    "state": "set_aside",
}
AUDIT = {
    "position": 99,
    "checked_at": NOW,
    "ok": True,
    "checks": [{"name": "stock never negative", "ok": True, "detail": "66 products, at every position"}],
}

PAGES = [
    "/",
    "/orders",
    f"/orders/{order()['id']}",
    f"/orders/{order()['id']}/cancellation",
    "/products",
    "/products/new",
    f"/products/{BOWL}",
    f"/products/{BOWL}/withdrawal",
    "/categories",
    f"/categories/{KITCHEN['id']}",
    "/customers",
    "/customers/alice",
    "/invoices",
    "/invoices/2026-000001",
    "/revenue",
    "/history",
    "/audit",
    "/dead-letters",
]
"""An address of each, but for those of an approved order and an empty category."""


def counts(**numbers):
    return dict.fromkeys(("placed", "approved", "rejected", "cancelled", "shipped"), 0) | numbers


def revenue(year=2026, **months):
    """`november="12.50"`"""
    names = ("january", "february", "march", "april", "may", "june", "july", "august")
    names += ("september", "october", "november", "december")
    return {
        "year": year,
        "total": eur(str(sum(map(Decimal, months.values()), Decimal("0.00")))),
        "months": [
            {"month": number, "total": eur(months.get(name, "0.00")), "invoices": 1 if name in months else 0}
            for number, name in enumerate(names, start=1)
        ],
    }


def entry(event, position=1, at=NOW, **recorded):
    """An event of an order's history, as managers get it."""
    record = {
        "position": position,
        "stream": f"order-{order()['id']}",
        "version": 1,
        "causation": 0,
        "actor": "customer:alice",
        "service": "orders",
        "data": {"total": eur("37.00")},
    }
    return {"at": at, "event": event, "state": "placed", "detail": {}, "recorded": record | recorded}


@cache
def backoffice() -> Flask:
    """The site, made once: its templates take a while."""
    return create_app(SETTINGS)


class Manager(Visitor):
    """A user of the back office, who has logged in unless they are a `visitor`.

    Args:
        gateway: knows a bowl, the kitchen, the customer alice, an order and its invoice, and that all is well.
    """

    def __init__(self, *, visitor: bool = False) -> None:
        self.gateway = FakeGateway()
        self._entry = "/login"
        answers = {
            "/v1/categories": page_of(KITCHEN),
            f"/v1/categories/{KITCHEN['id']}": KITCHEN,
            "/v1/products": page_of(product()),
            f"/v1/products/{product()['id']}": product(),
            "/v1/customers": page_of(customer()),
            "/v1/customers/alice": customer(),
            "/v1/orders": page_of(order()),
            "/v1/orders/counts": counts(placed=1),
            f"/v1/orders/{order()['id']}": order(),
            f"/v1/orders/{order()['id']}/history": page_of(entry("OrderPlaced")),
            "/v1/invoices": page_of(invoice()),
            "/v1/invoices/2026-000001": invoice(),
            "/v1/revenue": revenue(november="12.50"),
            "/v1/dead-letters": page_of(LETTER),
            "/v1/audit": AUDIT,
        }
        for path, answer in answers.items():
            self.gateway.on("GET", path, answer)
        self.gateway.on("POST", "/v1/sessions", session("morgan", "manager"))
        self.gateway.on("DELETE", "/v1/sessions/current", None)
        site = backoffice()
        site.extensions["gateway"] = self.gateway
        self.client = site.test_client()
        if not visitor:
            answer = self.send("/login", {"username": "morgan", "password": "correct horse"})
            assert answer.status_code == 303, answer.get_data(as_text=True)
            self._entry = "/categories"

    def token(self) -> str:
        return self.hidden(self._entry)["csrf_token"]
