"""A request for each route of the gateway that its own description has, and a visit to each page of the websites.

A new route is covered as soon as it is described; one with a field that no other has needs a value for it in `Market`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import requests
from flask import Flask

from backoffice_web.app import create_app as backoffice
from shop.web.pictures import name_of
from shop.web.settings import SiteSettings
from shop_cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from storefront_web.app import create_app as storefront
from tests.support.stopwatch import Stopwatch
from tests.system.support.clients import Client
from tests.system.support.shop_under_test import PASSWORD, ShopUnderTest
from tests.system.support.website import Website

Json = Any

VARIABLE = re.compile(r"{(\w+)}")
ON_PAGES = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The outcome of one request.

    Args:
        what: method and path as described, or the page.
        seconds: from the request to the end of its answer.
        response: None where there was none.
    """

    what: str
    seconds: float
    response: requests.Response | None
    error: str = ""

    @property
    def is_page(self) -> bool:
        """Of a website; the gateway's begin with a method."""
        return self.what.startswith(("storefront ", "back office "))

    @property
    def status(self) -> int:
        return 0 if self.response is None else self.response.status_code

    def __str__(self) -> str:
        told = self.error if self.response is None else self.response.text[:300]
        return f"{self.what}: {self.status} after {self.seconds:.1f} s: {told}"


class Market:
    """A shop with things to read, and with new ones for each write: no request spoils what another one is about."""

    def __init__(self, shop: ShopUnderTest) -> None:
        self._shop = shop
        self.manager = shop.as_manager()
        self.customer = shop.new_customer()
        self.visitor = shop.visitor()
        self._category = self.manager.add_category()["id"]
        self._product = self._new_product()
        order = self._new_order()
        self._known = {
            "category_id": self._category,
            "product_id": self._product,
            "order_id": order["id"],
            "username": self.customer.username,
            "stream": f"product-{self._product}",
            "number": order["invoice"],
            "letter_id": "1",
            "year": str(datetime.now(UTC).year),
            "name": name_of(self._product, "A bowl"),
        }

    def requests(self) -> list[Callable[[], Answer]]:
        """One for each route that the gateway describes, ready to be made."""
        return [prepare() for prepare in self.preparations()]

    def preparations(self) -> list[Callable[[], Callable[[], Answer]]]:
        """Each gets one of these requests ready: makes what it is about, and whoever makes it."""
        description = self.visitor.read("/openapi.json")
        shapes = description["components"]["schemas"]
        return [
            partial(self._request, method, path, operation, shapes)
            for path, operations in description["paths"].items()
            for method, operation in operations.items()
        ]

    def visits(self) -> list[Callable[[], Answer]]:
        """One to each page of both websites, ready to be made."""
        addresses = self._shop.installation.websites
        customer = Website(addresses["STOREFRONT_ADDRESS"]).log_in(self.customer.username, PASSWORD)
        manager = Website(addresses["BACKOFFICE_ADDRESS"]).log_in(MANAGER.username, MANAGER_PASSWORD)
        customer.send("/cart", seen_on=f"/products/{self._product}", product_id=self._product, quantity="1")
        settings = SiteSettings(gateway_url="http://127.0.0.1:9", secret_key="not a secret, only long enough")
        sites = (("storefront", storefront(settings), customer), ("back office", backoffice(settings), manager))
        return [
            partial(_visit, visitor, f"{name} {path}", ON_PAGES.sub(lambda variable: self._known[variable[1]], path))
            for name, site, visitor in sites
            for path in _pages(site)
        ]

    def _request(self, method: str, path: str, operation: Json, shapes: Json) -> Callable[[], Answer]:
        writes = method != "get"
        client = self._client(operation["description"], writes=writes and "{" not in path)
        address = VARIABLE.sub(lambda variable: self._subject(variable[1], writes=writes), path)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        options = {"json": self._body(body, shapes, client)} if body else {}
        return partial(_ask, client, method.upper(), path, address, options)

    def _client(self, description: str, *, writes: bool) -> Client:
        """A client with the rights to it; where it changes its own data, a new customer."""
        access = description.rpartition("For: ")[2]
        if access == "anyone.":
            return self.visitor
        if access == "manager." or (access == "any user." and not writes):
            return self.manager
        return self._shop.new_customer() if writes else self.customer

    def _subject(self, variable: str, *, writes: bool) -> str:
        make = {
            "category_id": lambda: self.manager.add_category()["id"],
            "product_id": self._new_product,
            "order_id": lambda: self._new_order()["id"],
        }
        return str(make[variable]() if writes and variable in make else self._known[variable])

    def _body(self, schema: Json, shapes: Json, client: Client) -> Json:
        """All that is required; where nothing is, whatever has a value."""
        shape = shapes[schema["$ref"].rpartition("/")[2]]
        values = self._values()
        wanted = shape.get("required") or [name for name in shape["properties"] if name in values]
        body = {name: values[name] for name in wanted}
        # Who logs in has to be there already.
        return body | ({"username": client.username or self.customer.username} if set(body) == LOG_IN else {})

    def _values(self) -> dict[str, Json]:
        money = {"amount": "10.00", "currency": "EUR"}
        name = f"new-{uuid4().hex[:12]}"
        return {
            "username": name,
            "password": PASSWORD,
            "current_password": PASSWORD,
            "new_password": f"{PASSWORD} 2",
            "full_name": "Robin Tester",
            "email": "robin@shop.example",
            "name": name,
            "description": "For a test.",
            "supplier": "Test Works",
            "category_id": self._category,
            "price": money,
            "units_in_stock": 5,
            "delta": 1,
            "reason": "For a test",
            "credit": money,
            "amount": money,
            "lines": [{"product_id": self._product, "quantity": 1}],
        }

    def _new_product(self) -> str:
        return str(self.manager.add_product(price="0.10", units=1000, category_id=self._category)["id"])

    def _new_order(self) -> Json:
        return self.customer.wait_for_end(self.customer.place_order({self._product: 1}))


LOG_IN = {"username", "password"}


def _pages(site: Flask) -> list[str]:
    """The addresses of all that can be looked at."""
    rules = site.url_map.iter_rules()
    return sorted({rule.rule for rule in rules if "GET" in (rule.methods or ()) and "static" not in rule.endpoint})


def _visit(visitor: Website, what: str, path: str) -> Answer:
    return answer_of(what, partial(visitor.get_alone, path))


def _ask(client: Client, method: str, path: str, address: str, options: Json) -> Answer:
    headers = dict(client.session.headers) | {"Idempotency-Key": uuid4().hex}
    # A connection each: they are asked at the same time.
    return answer_of(
        f"{method} {path}", partial(requests.request, method, client.url + address, headers=headers, **options)
    )


def answer_of(what: str, ask: Callable[..., requests.Response]) -> Answer:
    watch = Stopwatch()
    try:
        response, error = ask(), ""
    except requests.RequestException as failure:
        response, error = None, repr(failure)
    return Answer(what=what, seconds=watch.seconds, response=response, error=error)
