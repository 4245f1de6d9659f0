"""The sites in German: their own texts are other ones than in English, on every page."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from tests.web.support.fake_gateway import BOWL, NOW, customer, invoice, order, page_of, product
from tests.web.support.managing import PAGES, Manager, entry
from tests.web.support.visiting import Visitor

ID = order()["id"]
SHOP_PAGES = [
    *("/", "/products", "/products?q=tea&in_stock=true", f"/products/{BOWL}", "/cart", "/checkout"),
    *("/orders", f"/orders/{ID}", "/invoices/2026-000001", "/profile", "/nothing-here"),
]
SAME = {
    *("Audit", "Deutsch", "Details", "English", "EUR", "Name", "Nov", "November", "Status", "Stream", "UTC", "Version"),
    "optional",
}
"""Words of both languages."""

PIECES = re.compile(r'>([^<]+)<|(?:aria-label|placeholder|alt|data-label)="([^"]+)"')
UNSEEN = re.compile(r"<(script|style|code|pre)\b.*?</\1>|<select [^>]*country.*?</select>", re.DOTALL)
"""Code, and the names of countries, many of which have one name."""


def said(visitor: Visitor, path: str, language: str) -> set[str]:
    """The texts of a page, piece by piece."""
    answer = visitor.get(path, headers={"Accept-Language": language})
    assert answer.status_code in (200, 404, 422), f"{path} leads to {answer.headers.get('Location')}"
    page = UNSEEN.sub("", answer.get_data(as_text=True))
    return {" ".join(unescape("".join(piece)).split()) for piece in PIECES.findall(page)}


def texts_in(value: Any) -> Iterator[str]:
    """The gateway's texts; the sites only repeat them."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)
    elif isinstance(value, str):
        yield value


def not_german(visitor: Visitor, site: str, paths: list[str]) -> set[str]:
    """Texts that are the same in both languages, but for texts of others and words that are the same."""
    given = {site, *texts_in(list(visitor.gateway.answers.values()))}
    repeated = re.compile("|".join(re.escape(text) for text in sorted(given, key=len, reverse=True) if text))
    same = [piece for path in paths for piece in said(visitor, path, "en") & said(visitor, path, "de")]
    return {piece for piece in same if set(re.findall(r"[^\W\d_]{3,}", repeated.sub(" ", piece))) - SAME}


def test_every_page_of_the_back_office_is_german():
    manager = Manager()
    address = {"street": "Kaiserdamm 1", "postcode": "14057", "city": "Berlin", "country": "SE"}
    manager.gateway.on("GET", "/v1/customers/alice", customer(address=address))
    manager.gateway.on("GET", "/v1/orders", page_of(*(order(status=status) for status in ("placed", "shipped"))))
    history = page_of(entry("OrderPlaced"), entry("StockReserved", 2, causation=1), entry("OrderRejected", 3))
    manager.gateway.on("GET", f"/v1/orders/{ID}/history", history)
    was = {"stream": f"product-{BOWL}", "version": 1, "last_version": 1, "at": NOW, "before": None}
    manager.gateway.on("GET", f"/v1/streams/product-{BOWL}/state", was | {"state": {"on_sale": True, "units": 3}})
    happened = entry("ProductAdded")["recorded"] | {"type": "ProductAdded", "at": NOW}
    manager.gateway.on("GET", f"/v1/streams/product-{BOWL}", page_of(happened))

    paths = [*PAGES, f"/history/product-{BOWL}", "/history?key=sofa", "/orders?customer=a/b", "/nothing-here"]

    # What the audit says is translated by `backoffice_web.audit_words`, see its tests.
    assert not_german(manager, "Nameko Back Office", paths) == set()


def test_every_page_of_the_storefront_is_german():
    visitor = Visitor().log_in().fill_cart()
    visitor.gateway.on("GET", "/v1/orders", page_of(order(), order(status="rejected")))
    visitor.gateway.on("GET", f"/v1/orders/{ID}", order(status="rejected", reason=["out_of_stock", "timed_out"]))
    visitor.gateway.on("GET", f"/v1/orders/{ID}/history", page_of({"at": NOW, "event": "OrderPlaced", "detail": {}}))
    visitor.gateway.on("GET", "/v1/invoices/2026-000001", invoice(credited_by="C2026-000001"))
    visitor.gateway.on("GET", "/v1/products", page_of(product(units=2), product(units=0)))

    assert not_german(visitor, "Nameko Shop", SHOP_PAGES) == set()
    assert not_german(Visitor(), "Nameko Shop", ["/login", "/register"]) == set()
