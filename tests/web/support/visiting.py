"""A visitor without a browser: Flask's test client, with what a page's forms need."""

import re
from functools import cache
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from shop.web.settings import SiteSettings
from storefront_web.app import create_app
from tests.web.support.fake_gateway import KITCHEN, FakeGateway, customer, page_of, product, session

SETTINGS = SiteSettings(gateway_url="http://127.0.0.1:9", secret_key="not a secret, but long enough for one")
INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@cache
def storefront() -> Flask:
    """The site, made once: its templates take a while."""
    return create_app(SETTINGS)


class Visitor:
    """A visitor of the storefront, whose gateway is made up.

    Args:
        gateway: knows a bowl, the kitchen, and the customer alice.
    """

    def __init__(self) -> None:
        self.gateway = FakeGateway()
        self.gateway.on("GET", "/v1/categories", page_of(KITCHEN))
        self.gateway.on("GET", "/v1/products", page_of(product()))
        self.gateway.on("GET", f"/v1/products/{product()['id']}", product())
        self.gateway.on("POST", "/v1/sessions", session())
        self.gateway.on("DELETE", "/v1/sessions/current", None)
        self.gateway.on("GET", "/v1/customers/me", customer())
        site = storefront()
        site.extensions["gateway"] = self.gateway
        self.client = site.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def send(self, path: str, fields: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send a form with a valid token."""
        return self.client.post(path, data={"csrf_token": self.token()} | (fields or {}), **options)

    def token(self) -> str:
        return self.hidden("/cart")["csrf_token"]

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's forms; of several with one name, the last."""
        tags = [dict(ATTRIBUTE.findall(tag)) for tag in INPUT.findall(self.text(path))]
        return {tag["name"]: unescape(tag.get("value", "")) for tag in tags if tag.get("type") == "hidden"}

    def text(self, path: str, **options: Any) -> str:
        return self.get(path, **options).get_data(as_text=True)

    def log_in(self) -> "Visitor":
        answer = self.send("/login", {"username": "alice", "password": "correct horse"})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self

    def fill_cart(self, quantity: int = 2) -> "Visitor":
        self.send(f"/cart/products/{product()['id']}", {"quantity": str(quantity)})
        return self


def words(answer: TestResponse) -> str:
    """The text of a page, without its tags."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
