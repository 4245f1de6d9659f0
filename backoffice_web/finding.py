"""Search for a thing's stream by name, part of a name, or number."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shop.http.client import Json, Problem
from shop.text.matching import fits, fold
from shop.web import calls

MOST_OF_A_KIND = 10
INVOICE = re.compile(r"[0-9]{4}-[0-9]{6,9}", re.ASCII)
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,31}", re.ASCII)
YEAR = re.compile(r"[0-9]{4}", re.ASCII)

BY_ID = ("order", "product", "category")
"""Kinds of things that an id without a kind may belong to."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A possible match. `name`: its name for people."""

    kind: str
    key: str
    name: str

    @property
    def stream(self) -> str:
        return f"{self.kind}-{self.key}"


Search = Callable[[str], Iterable[Found]]


def find(kind: str, text: str) -> list[Found]:
    """Possible matches; an exact match alone.

    Args:
        kind: kind of streams; empty for any.

    Raises:
        Problem, GatewayUnavailable.
    """
    if _is_id(text):
        return _with_id(kind, text.casefold())
    searches = [{**EVERYWHERE, **ONE_KIND}[kind]] if kind else [*EVERYWHERE.values()]
    found = [one for search in searches for one in search(text)]
    exact = [one for one in found if fold(one.name) == fold(text)]
    return exact if len(exact) == 1 else found


def customers_called(text: str) -> tuple[list[Json], bool]:
    """The customer with this username, or else those with the text in username, name or email.

    Returns:
        some of them, and whether there are more.

    Raises:
        Problem, GatewayUnavailable.
    """
    known = _unless_unknown(f"/v1/customers/{text}") if USERNAME.fullmatch(text) else None
    if known:
        return [known], False
    page = calls.read("/v1/customers", q=text, limit=MOST_OF_A_KIND)
    return page["items"], bool(page["next"])


def _with_id(kind: str, text: str) -> list[Found]:
    if kind:
        return [Found(kind=kind, key=text, name=text)]
    return [found for kind in BY_ID if _has_stream(found := Found(kind=kind, key=text, name=text))]


def _customers(text: str) -> Iterable[Found]:
    for one in customers_called(text)[0]:
        yield Found(kind="customer", key=one["username"].casefold(), name=one["username"])


def _products(text: str) -> Iterable[Found]:
    for one in calls.read("/v1/products", q=text, limit=MOST_OF_A_KIND)["items"]:
        yield Found(kind="product", key=one["id"], name=one["name"])


def _categories(text: str) -> Iterable[Found]:
    fitting = [one for one in calls.read_all("/v1/categories") if fits(text, one["name"])]
    return [Found(kind="category", key=one["id"], name=one["name"]) for one in fitting[:MOST_OF_A_KIND]]


def _of_invoice(kind: str) -> Search:
    """The order of an invoice, or its stock, by the invoice's number."""

    def search(text: str) -> Iterable[Found]:
        invoice = _unless_unknown(f"/v1/invoices/{text}") if INVOICE.fullmatch(text) else None
        return [Found(kind=kind, key=invoice["order_id"], name=text)] if invoice else []

    return search


def _of_year(kind: str) -> Search:
    return lambda text: [Found(kind=kind, key=text, name=text)] if YEAR.fullmatch(text) else []


def _has_stream(found: Found) -> bool:
    return _unless_unknown(f"/v1/streams/{found.stream}/state", version=0) is not None


def _unless_unknown(path: str, **query: object) -> Json | None:
    try:
        known: Json = calls.read(path, **query)
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
    return known


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.casefold()
    except ValueError:
        return False


# Searches by texts other than ids; those of ONE_KIND only if the kind is given.
EVERYWHERE: Mapping[str, Search] = {
    "customer": _customers,
    "product": _products,
    "category": _categories,
    "order": _of_invoice("order"),
}
ONE_KIND: Mapping[str, Search] = {
    "stock": _of_invoice("stock"),
    "invoices": _of_year("invoices"),
    "credit-notes": _of_year("credit-notes"),
}
