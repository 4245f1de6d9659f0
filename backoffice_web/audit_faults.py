"""Translates the audit's faults into the visitor's language.

Services report them in English, in a few forms of sentences with values in them. A test compares the forms with those
in their code.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from backoffice_web.words import reason_names, service_name
from shop.web.formats import moment, money, number


def N_(text: str) -> str:  # noqa: N802 - gettext's word for a text that is translated later
    return text


SENTENCES = (
    # Credit
    N_("%(username)s has %(credit)s at %(position)s"),
    N_("%(type)s at %(position)s of %(username)s, who registered not once"),
    N_("%(type)s of %(amount)s at %(position)s for an order of %(total)s"),
    N_("order %(order)s took credit a second time at %(position)s"),
    N_("order %(order)s gave back what it had not at %(position)s"),
    N_("order %(order)s was sold for %(total)s, and %(held)s were taken for it"),
    N_("%(username)s was refused %(amount)s at %(position)s, with a credit of %(credit)s"),
    N_("granted %(granted)s is not available %(available)s + held %(held)s + spent %(spent)s"),
    # Units
    N_("product %(product)s has %(units)s units at %(position)s"),
    N_("%(type)s at %(position)s of %(product)s, which was added not once"),
    N_("%(type)s of %(quantity)s of %(product)s at %(position)s, apart from the order's answer"),
    N_("product %(product)s was sold at %(position)s, when it was not on sale"),
    N_("order %(order)s took units at %(position)s that it had not ordered, or had already"),
    N_("order %(order)s gave back units at %(position)s that it had not"),
    N_("order %(order)s moved other units at %(position)s than it said"),
    N_("order %(order)s at %(position)s was refused for nothing"),
    N_("order %(order)s at %(position)s was refused %(requested)s of %(product)s, of which there were %(there)s"),
    N_("delivered %(delivered)s is not in stock %(there)s + with orders %(with_orders)s"),
    # Orders
    N_("order %(order)s waits for its decision since %(moment)s"),
    N_("order %(order)s got %(type)s a second time at %(position)s"),
    N_("order %(order)s at %(position)s: %(course)s"),
    N_("order %(order)s at %(position)s was approved on %(answers)s"),
    N_("order %(order)s at %(position)s was rejected for %(reasons)s, when %(refusals)s was refused"),
    N_("order %(order)s at %(position)s was cancelled as if it had been approved"),
    N_("order %(order)s at %(position)s was cancelled as if it had not been approved"),
    N_("order %(order)s at %(position)s gave back %(kind)s that it did not hold"),
    N_("order %(order)s at %(position)s lost its %(kind)s when it was %(status)s"),
    N_("order %(order)s was %(status)s, and holds %(kinds)s"),
    # Invoices
    N_("%(stream)s has number %(number)s in place %(place)s"),
    N_("number %(number)s of %(stream)s was issued in %(year)s"),
    N_("%(document)s is for order %(order)s, which was not approved"),
    N_("%(document)s is for order %(order)s, which does not ask for one"),
    N_("%(document)s is the second one for order %(order)s"),
    N_("%(document)s does not say what order %(order)s says"),
    N_("%(document)s takes back another invoice than that of order %(order)s"),
    N_("order %(order)s was approved, and has no invoice"),
    N_("order %(order)s was cancelled after its approval, and has no credit note"),
    # Read models and snapshots
    N_("%(table)s %(key)s is missing"),
    N_("%(table)s %(key)s should not be there"),
    N_("%(table)s %(key)s shows another %(columns)s than the log says"),
    N_("the snapshot of %(stream)s at version %(version)s is another state"),
    N_("the read model is being built"),
    N_("%(service)s could not be checked"),
    # The log
    N_("commit %(position)s was changed: its hash is another one"),
    N_("commit %(position)s does not follow the commit before it"),
    N_("commit %(position)s is earlier than the commit before it"),
    N_("position %(position)s is missing"),
    N_("a commit after %(position)s cannot be read: %(error)s"),
    N_("%(type)s at %(position)s: %(error)s"),
    # Ends of lists
    N_("and %(count)s more"),
)

TABLES: Mapping[str, Any] = {
    "categories": _l("category"),
    "credit_notes": _l("credit note"),
    "customers": _l("customer"),
    "invoices": _l("invoice"),
    "names": _l("name"),
    "orders": _l("order"),
    "products": _l("product"),
    "reservations": _l("reservation"),
    "taken": _l("credit of customer"),
}
"""Noun for a row of each table of a read model."""

COLUMNS: Mapping[str, Any] = {
    "added": _l("time of adding"),
    "address": _l("address"),
    "amount": _l("amount"),
    "category_id": _l("category"),
    "credit": _l("credit"),
    "credited_by": _l("credit note"),
    "currency": _l("currency"),
    "customer": _l("customer"),
    "customer_key": _l("customer key"),
    "description": _l("description"),
    "email": _l("email address"),
    "full_name": _l("full name"),
    "held": _l("reserved amount"),
    "invoice": _l("invoice"),
    "issued_at": _l("time of issue"),
    "lines": _l("lines"),
    "month": _l("month"),
    "name": _l("name"),
    "name_key": _l("sort key"),
    "number": _l("number"),
    "order_id": _l("order"),
    "placed_at": _l("time of the order"),
    "position": _l("position"),
    "price": _l("price"),
    "reason": _l("reason"),
    "registered_at": _l("time of registration"),
    "role": _l("role"),
    "search": _l("search words"),
    "seller": _l("seller"),
    "spent": _l("spent amount"),
    "state": _l("state"),
    "status": _l("status"),
    "stock": _l("stock"),
    "supplier": _l("supplier"),
    "tax": _l("tax"),
    "tax_percent": _l("tax rate"),
    "total": _l("total"),
    "units": _l("units"),
    "username": _l("username"),
    "version": _l("version"),
    "year": _l("year"),
}
"""Names of these tables' columns."""

KINDS: Mapping[str, Any] = {"stock": _l("goods"), "credit": _l("credit")}
"""Kinds of reservations."""

STATUSES: Mapping[str, Any] = {
    "placed": _l("placed"),
    "approved": _l("approved"),
    "shipped": _l("shipped"),
    "rejected": _l("rejected"),
    "cancelled": _l("cancelled"),
    "never placed": _l("never placed"),
}
"""Statuses of orders, for the middle of a sentence."""

NOTHING, BETWEEN = "nothing", " and "
"""The services' words for no values, and between several."""


def fault(sentence: str) -> str | None:
    """A fault in the visitor's language; None for a sentence of unknown form."""
    for pattern, text in _PATTERNS.items():
        if found := pattern.fullmatch(sentence):
            return str(_(text, **{name: _told(name, value) for name, value in found.groupdict().items()}))
    return None


@dataclass(frozen=True)
class Value:
    """A kind of value in a sentence.

    Args:
        shape: a regular expression.
        told: translates the value.
    """

    shape: str = ".+"
    told: Callable[[str], str] = str


def _told(name: str, value: str) -> str:
    return str(_("nothing")) if value == NOTHING else VALUES.get(name, Value()).told(value)


def _each(told: Callable[[str], str]) -> Callable[[str], str]:
    return lambda values: ", ".join(told(value) for value in values.split(BETWEEN))


def _named(names: Mapping[str, Any]) -> Callable[[str], str]:
    return lambda value: str(names.get(value, value))


def _number(text: str) -> str:
    return number(int(text.replace(",", "")))


def _amount(text: str) -> str:
    """Such as `12.50 EUR`; a sum over no amounts has no currency."""
    amount, _blank, currency = text.partition(" ")
    return money({"amount": amount, "currency": currency}) if currency else amount


def _document(text: str) -> str:
    """Such as `invoice 2026-000001`."""
    kind, _blank, its_number = text.rpartition(" ")
    if kind == "invoice":
        return str(_("invoice %(number)s", number=its_number))
    return str(_("credit note %(number)s", number=its_number))


NUMBERS = (
    *("count", "delivered", "number", "place", "position", "quantity", "requested"),
    *("there", "units", "version", "with_orders"),
)
AMOUNTS = ("amount", "available", "credit", "granted", "held", "spent", "total")
VALUES: Mapping[str, Value] = {
    **dict.fromkeys(NUMBERS, Value(r"-?\d[\d,]*", _number)),
    **dict.fromkeys(AMOUNTS, Value(rf"-?\d[\d.]* [A-Z]{{3}}|0|{NOTHING}", _amount)),
    **dict.fromkeys(("order", "product"), Value(r"[-\w]+")),
    **dict.fromkeys(("stream", "username"), Value(r"\S+")),
    **dict.fromkeys(("reasons", "refusals"), Value(told=_each(lambda code: reason_names([code])))),
    "answers": Value(told=_each(str)),
    "columns": Value(told=_each(_named(COLUMNS))),
    "document": Value(r"(?:invoice|credit note) \S+", _document),
    "kind": Value("|".join(KINDS), _named(KINDS)),
    "kinds": Value(told=_each(_named(KINDS))),
    "moment": Value(r"\d{4}-\d\d-\d\dT[\d:.]+Z", moment),
    "service": Value(r"\w+", service_name),
    "status": Value("|".join(STATUSES), _named(STATUSES)),
    "table": Value("|".join(TABLES), _named(TABLES)),
    "type": Value(r"\w+"),
    "year": Value(r"\d+"),
}
"""Kinds of values by name; values of other names are shown unchanged."""


def _pattern(sentence: str) -> re.Pattern[str]:
    """A pattern that matches the sentence with any values."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = [f"(?P<{name}>{VALUES.get(name, Value()).shape})" for name in parts[1::2]]
    return re.compile("".join(parts))


_PATTERNS: Mapping[re.Pattern[str], str] = {_pattern(sentence): sentence for sentence in SENTENCES}
