"""Every field of every form of both sites, with numbers, dates and texts that nobody expects there.

Each is either sent on in the form that the gateway takes, or refused with a sentence next to the form: no page breaks.
"""

import re
from html import unescape
from typing import Any

import pytest

from shop.contracts.money import PLAIN_NUMBER
from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, FakeGateway, order
from tests.web.support.forms import FORM, fields_in
from tests.web.support.managing import PAGES, Manager
from tests.web.support.visiting import Visitor

SHOPPING = ["/", "/products", f"/products/{BOWL}", "/cart", "/checkout", "/profile", "/orders", "/register", "/login"]
NUMBERS = [
    *("1.234,56", "1 234,56", "1,234.56", "1'234.56", "1.234", "1e5", "+5", "-0", "- 5", " 7 ", "1 000", "007", "5,"),
    *("\uff15", "\u0661\u0662\u0663", "\u00bd", "5\u00b2", "NaN", "Infinity", "9" * 400, "-" + "9" * 20),
    *("2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "2026-W01-1", "29.02.2027"),
]
ODD = ["1.234,56", "0001-01-01", "", "   ", "\x00", "\u202e", "x" * 6_000, "' OR <b>"]
NUMERIC = re.compile("price|amount|credit|units|delta|quantity|since|until|year")
GERMAN = {"Accept-Language": "de"}
METHOD = re.compile(r'<form\b[^>]*\bmethod="post"')
MANAGING = [page for page in PAGES if page != "/audit"]


class Refusing(FakeGateway):
    """Takes what is asked for, and refuses whatever should be changed."""

    def call(self, method: str, path: str, **options: Any) -> Any:
        if method != "GET" and "/sessions" not in path:
            self.on(method, path, Problem(422, "invalid-request", errors={"of nothing": ["Not now."]}))
        return super().call(method, path, **options)


def refusing(visitor: Visitor) -> Visitor:
    """The same visitor, at a gateway that takes nothing."""
    visitor.gateway.__class__ = Refusing
    return visitor


@pytest.fixture(scope="module")
def manager() -> Visitor:
    return refusing(Manager())


@pytest.fixture(scope="module")
def customer() -> Visitor:
    visitor = Visitor().log_in().fill_cart()
    visitor.gateway.on("GET", "/v1/orders", {"items": [order()], "next": None})
    return refusing(visitor)


@pytest.fixture(scope="module")
def stranger() -> Visitor:
    return refusing(Visitor())


@pytest.mark.parametrize("page", MANAGING)
def test_the_back_office_takes_or_refuses_every_value(manager, page):
    require_sentences(manager, page)


@pytest.mark.parametrize("page", SHOPPING[:-2])
def test_the_storefront_takes_or_refuses_every_value(customer, page):
    require_sentences(customer, page)


@pytest.mark.parametrize("page", ["/register", "/login"])
def test_the_door_takes_or_refuses_every_value(stranger, page):
    require_sentences(stranger, page)


def require_sentences(visitor: Visitor, page: str) -> None:
    """Try each value in all fields at once, and alone where a number or a date belongs."""
    shown = visitor.get(page, headers=GERMAN)
    assert shown.status_code == 200
    for action, is_sent, values in forms_of(shown):
        typed = [name for name in values if name not in ("csrf_token", "key", "next")]
        tries = [(typed, odd) for odd in ODD if typed]
        tries += [([name], odd) for name in typed if NUMERIC.search(name) for odd in NUMBERS]
        for names, odd in tries:
            visitor.gateway.calls.clear()
            sent = values | dict.fromkeys(names, odd)
            ask = visitor.client.post if is_sent else visitor.client.get
            answer = ask(action, **{"data" if is_sent else "query_string": sent}, headers=GERMAN)
            require_sense(visitor.gateway, answer, f"{action} {names}={odd[:20]!r}")


def forms_of(shown: Any) -> list[tuple[str, bool, dict[str, str]]]:
    """Where each form of a page leads, whether it is sent there or asks for it, and its values."""
    text = shown.get_data(as_text=True)
    found = {unescape(form[1]): METHOD.match(form[0]) is not None for form in FORM.finditer(text)}
    return [
        (action, is_sent, values_of(text, action))
        for action, is_sent in found.items()
        if action not in ("/logout", "/language")
    ]


def values_of(text: str, action: str) -> dict[str, str]:
    """Of all forms that lead there: a page may have a search in its head and another one below."""
    forms = [form[0] for form in FORM.finditer(text) if unescape(form[1]) == action]
    return {name: value for form in forms for name, value in fields_in(form).items()}


def require_sense(gateway: FakeGateway, answer: Any, what: str) -> None:
    """Values that were sent on are in the gateway's form; all others are answered with a page or a redirection."""
    assert answer.status_code in (200, 302, 303, 404, 422), f"{what}: {answer.status_code}"
    for call in gateway.calls:
        for amount in amounts_in(call.body):
            assert PLAIN_NUMBER.fullmatch(amount) or len(amount) > 12, f"{what} was sent as {amount!r}"
    if answer.status_code == 422:
        page = answer.get_data(as_text=True)
        assert re.search(r'role="alert"|-errors"|aria-invalid', page), f"{what} is refused without a word"


def amounts_in(body: Any) -> list[str]:
    """The amounts of money that were typed. The one that was seen comes from the page, and is none of these."""
    if not isinstance(body, dict):
        return []
    nested = [amount for name, value in body.items() if name != "expected" for amount in amounts_in(value)]
    return nested + ([body["amount"]] if isinstance(body.get("amount"), str) else [])
