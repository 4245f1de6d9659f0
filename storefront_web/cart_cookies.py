"""The cart in cookies: a signed one for each product (decision 29).

Concurrent answers set cookies of different products, so neither overwrites the other's change.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Response, current_app, g, request, session
from itsdangerous import Signer

from shop.web.security import KEPT_DAYS

PREFIX = "cart_"
SESSION_CART = "cart"
"""Key of the session in which earlier versions stored the cart."""

NAMED = 22
"""Characters of an id in a cookie's name."""


@dataclass(frozen=True)
class CookieLine:
    """The quantity of a product in the cart.

    Args:
        since: when it was added, Unix time in milliseconds; the order of the lines.
    """

    quantity: int
    since: int


def lines() -> Mapping[str, CookieLine]:
    """Lines by product id, in the order of their addition."""
    known = _lines()
    return {id_: known[id_] for id_ in sorted(known, key=lambda id_: known[id_].since)}


def put(product_id: str, quantity: int) -> None:
    """Set the quantity of a product; 0 removes it. The answer sets the cookie."""
    known = _lines()
    moved = [id_ for id_, _ in session.pop(SESSION_CART, ())]
    latest = max((line.since for line in known.values()), default=0)
    before = known.pop(product_id, CookieLine(0, max(int(time.time() * 1000), latest + 1)))
    if quantity > 0:
        known[product_id] = CookieLine(quantity, before.since)
    g.cart_changes = {*_changes(), *moved, product_id}


def save(response: Response) -> Response:
    """Set the changed cookies."""
    secure = current_app.session_interface.get_cookie_secure(current_app)
    for product_id in _changes():
        line = _lines().get(product_id)
        name = _name(product_id)
        value, seconds = (_signed(name, line), KEPT_DAYS * 86_400) if line else ("", 0)
        response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")
    return response


def _lines() -> dict[str, CookieLine]:
    if "cart_lines" not in g:
        earlier = {
            str(id_): CookieLine(int(quantity), place)
            for place, (id_, quantity) in enumerate(session.get(SESSION_CART, ()))
        }
        g.cart_lines = earlier | dict(_read())
    known: dict[str, CookieLine] = g.cart_lines
    return known


def _changes() -> Iterable[str]:
    changes: Iterable[str] = g.get("cart_changes", ())
    return changes


def _read() -> Iterable[tuple[str, CookieLine]]:
    """Lines from the browser's cookies, without those whose signature is not valid."""
    for name, value in request.cookies.items():
        content, _, signature = value.rpartition(".")
        if name.startswith(PREFIX) and len(name) == len(PREFIX) + NAMED and _is_ours(name, content, signature):
            quantity, _, since = content.partition(".")
            yield _product_id(name), CookieLine(int(quantity), int(since))


def _name(product_id: str) -> str:
    return PREFIX + urlsafe_b64encode(UUID(product_id).bytes).rstrip(b"=").decode()


def _product_id(name: str) -> str:
    return str(UUID(bytes=urlsafe_b64decode(name.removeprefix(PREFIX) + "==")))


def _signed(name: str, line: CookieLine) -> str:
    content = f"{line.quantity}.{line.since}"
    return f"{content}.{_signer().get_signature(f'{name}={content}').decode()}"


def _is_ours(name: str, content: str, signature: str) -> bool:
    return _signer().verify_signature(f"{name}={content}", signature)


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="cart")
