"""Prepares a shop for load: products to buy, and logged-in customers with credit."""

import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import uuid4

from shop_cli.refusal import Refusal
from tools.load.connection import ClientConnection, HttpAnswer

MOST_PRODUCTS = 1_000
PAGE = 100
PLENTY_OF_CREDIT = "9999999.99"
PLENTY_OF_UNITS = 1_000_000
REASON = "so that load does not run dry"


@dataclass(frozen=True)
class PlacedOrder:
    """An order and its customer's token. `since`: the clock (`time.monotonic`) when the request was sent."""

    id: str
    token: str
    since: float


@dataclass(frozen=True)
class Market:
    """Products and customers for the load.

    Args:
        products: their ids.
        tokens: of customers.
        placed: the latest orders, oldest first.
    """

    products: Sequence[str]
    tokens: Sequence[str]
    placed: deque[PlacedOrder] = field(default_factory=lambda: deque(maxlen=1000))

    def place_order(self, connection: ClientConnection) -> int:
        """One customer orders one unit of one product; returns the status."""
        token, since = random.choice(self.tokens), time.monotonic()
        lines = [{"product_id": random.choice(self.products), "quantity": 1}]
        answer = connection.post("/v1/orders", {"lines": lines}, token, Idempotency_Key=uuid4().hex)
        if answer.status == 202:
            self.placed.append(PlacedOrder(answer.json["id"], token, since))
        return answer.status


def market_of(connection: ClientConnection, *, customers: int, manager_token: str = "") -> Market:
    """Register customers in a shop that has products. Raises: Refusal, OSError.

    Args:
        manager_token: of a manager; with it, stock and credit are topped up so that neither runs out.
    """
    products = products_of(connection)
    names = [registered(connection) for _ in range(customers)]
    tokens = [log_in(connection, name, name) for name in names]
    if manager_token:
        for product in products:
            change = {"delta": PLENTY_OF_UNITS, "reason": REASON}
            expect(connection.post(f"/v1/products/{product}/stock", change, manager_token), 200)
        for name in names:
            credit = {"amount": PLENTY_OF_CREDIT, "currency": _currency(connection)}
            wanted = {"credit": credit, "reason": REASON}
            expect(connection.put(f"/v1/customers/{name}/credit", wanted, manager_token), 200)
    return Market(products, tokens)


def log_in(connection: ClientConnection, username: str, password: str) -> str:
    """The token of a new session. Raises: Refusal, OSError."""
    answer = expect(connection.post("/v1/sessions", {"username": username, "password": password}), 201)
    return str(answer.json["token"])


def expect(answer: HttpAnswer, status: int) -> HttpAnswer:
    """The same answer. Raises: Refusal, if it has another status."""
    if answer.status != status:
        raise Refusal(f"The shop answered {answer.status}: {answer.body.decode(errors='replace')[:300]}")
    return answer


def products_of(connection: ClientConnection) -> list[str]:
    """Ids of products in stock, about MOST_PRODUCTS at most."""
    found: list[str] = []
    after = ""
    while len(found) < MOST_PRODUCTS:
        page = expect(connection.get(f"/v1/products?limit={PAGE}&in_stock=true{after}"), 200).json
        found += [product["id"] for product in page["items"]]
        if not page["next"]:
            break
        after = f"&after={quote(page['next'])}"
    if not found:
        raise Refusal("There is nothing to buy in this shop: no product is in stock.")
    return found


def registered(connection: ClientConnection) -> str:
    """The username of a new customer, which is the password, too."""
    name = f"load-{uuid4().hex[:12]}"
    customer = {"username": name, "password": name, "full_name": "Load", "email": f"{name}@example.org"}
    expect(connection.post("/v1/customers", customer), 201)
    return name


def _currency(connection: ClientConnection) -> str:
    page = expect(connection.get("/v1/products?limit=1"), 200).json
    return str(page["items"][0]["price"]["currency"])
