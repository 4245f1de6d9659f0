"""A gateway made up for a test: it answers what it was told to, and notes what it was asked."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shop.http.client import Caller, GatewayClient, GatewayUnavailable, HttpReply, Problem

JSON = "application/json"
NOW = "2026-11-23T09:30:00.123Z"
BOWL, LAMP = "00000000-0000-4000-8000-00000000b001", "00000000-0000-4000-8000-00000000a002"
KITCHEN = {"id": "00000000-0000-4000-8000-0000000000c1", "name": "Kitchen", "products": 2, "version": 1}


@dataclass(frozen=True)
class Asked:
    """One call, as the website made it."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    caller: Caller
    seconds: float | None


@dataclass
class FakeGateway(GatewayClient):
    """Answers by method and path; a path that it was not told of does not exist.

    Args:
        answers: a JSON value, a `HttpReply`, or an exception.
        calls: all that it was asked, in order.
    """

    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    calls: list[Asked] = field(default_factory=list)

    def on(self, method: str, path: str, answer: Any) -> None:
        self.answers[method, path] = answer

    def asked(self, method: str, path: str) -> list[Asked]:
        """The calls of that kind."""
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    def call(self, method, path, *, caller=None, query=None, body=None, headers=None, seconds=None) -> HttpReply:
        self.calls.append(
            Asked(method, path, dict(query or {}), body, dict(headers or {}), caller or Caller(), seconds)
        )
        answer = self.answers.get((method, path), Problem(404, "not-found"))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, HttpReply):
            return answer
        return HttpReply(status=200, content_type=JSON, body=b"" if answer is None else json.dumps(answer).encode())


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def product(id_: str = BOWL, name: str = "Stoneware Bowl", price: str = "18.50", units: int = 42) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "description": "Thrown by hand.",
        "supplier": "Tidewater",
        "category": {"id": KITCHEN["id"], "name": KITCHEN["name"]},
        "price": eur(price),
        "units_in_stock": units,
        "version": 1,
    }


def customer(credit: str = "100.00", **more: Any) -> dict[str, Any]:
    return {
        "username": "alice",
        "full_name": "Alice Lindqvist",
        "email": "alice@shop.example",
        "address": None,
        "role": "customer",
        "credit": eur(credit),
        "held": eur("0.00"),
        "spent": eur("0.00"),
        "version": 3,
    } | more


def order(id_: str = "00000000-0000-4000-8000-0000000000d1", **more: Any) -> dict[str, Any]:
    line = {"product_id": BOWL, "name": "Stoneware Bowl", "quantity": 2}
    return {
        "id": id_,
        "customer": "alice",
        "status": "placed",
        "stock": "pending",
        "credit": "pending",
        "reason": None,
        "lines": [line | {"unit_price": eur("18.50"), "total": eur("37.00")}],
        "address": None,
        "total": eur("37.00"),
        "placed_at": NOW,
        "invoice": None,
        "version": 1,
    } | more


def invoice(number: str = "2026-000001", **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "order_id": order()["id"],
        "customer": "alice",
        "address": None,
        "seller": {"name": "Nameko Shop", "address": "1 Market Square", "tax_id": "DE000000000"},
        "lines": order()["lines"],
        "tax_percent": "19",
        "tax": eur("5.91"),
        "total": eur("37.00"),
        "issued_at": NOW,
        "credited_by": None,
    } | more


def session(username: str = "alice", role: str = "customer") -> dict[str, str]:
    until = datetime.now(UTC) + timedelta(hours=24)
    return {"token": "secret-token", "expires_at": until.isoformat(), "username": username, "role": role}


def page_of(*items: Any, after: str | None = None) -> dict[str, Any]:
    return {"items": list(items), "next": after}


UNAVAILABLE = GatewayUnavailable("it does not answer")
