"""Displayed names of statuses, services and reasons."""

import json
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.http.client import Json

STATUSES = {
    "placed": _l("Placed"),
    "approved": _l("Approved"),
    "shipped": _l("Shipped"),
    "rejected": _l("Rejected"),
    "cancelled": _l("Cancelled"),
}
HOLDINGS = {
    "pending": _l("Pending"),
    "reserved": _l("Reserved"),
    "rejected": _l("Rejected"),
    "released": _l("Released"),
}
SERVICES = {
    "orders": _l("Orders"),
    "products": _l("Products"),
    "customers": _l("Customers"),
    "accounting": _l("Accounting"),
    "event_store": _l("Event store"),
}
REASONS = {
    "out_of_stock": _l("out of stock"),
    "not_on_sale": _l("no longer available"),
    "insufficient_credit": _l("insufficient credit"),
    "timed_out": _l("timed out"),
}
ROLES = {"customer": _l("Customer"), "manager": _l("Manager")}


def status_name(code: str) -> str:
    return str(STATUSES.get(code, code))


def stock_name(order: Json) -> str:
    """State of an order's units."""
    if order["stock"] == "reserved" and order["status"] == "shipped":
        return str(_("Shipped"))
    return _holding(order["stock"])


def credit_name(order: Json) -> str:
    """State of an order's money."""
    if order["credit"] == "reserved" and order["status"] in ("approved", "shipped"):
        return str(_("Charged"))
    return _holding(order["credit"])


def service_name(code: str) -> str:
    return str(SERVICES.get(code, code))


def role_name(code: str) -> str:
    return str(ROLES.get(code, code))


def reason_names(codes: list[str] | None) -> str:
    return ", ".join(str(REASONS.get(code, code)) for code in codes or ())


def actor_name(actor: str) -> str:
    """The display name of an actor given as `role:username`."""
    role, _colon, name = actor.partition(":")
    strangers = {"service": _("system"), "anonymous": _("anonymous"), "operator": _("operator")}
    return str(strangers.get(role, name))


def as_json(value: Any) -> str:
    """A value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _holding(code: str) -> str:
    return str(HOLDINGS.get(code, code))


FILTERS = {
    "status": status_name,
    "stock_of": stock_name,
    "credit_of": credit_name,
    "service": service_name,
    "role": role_name,
    "reasons": reason_names,
    "actor": actor_name,
    "as_json": as_json,
}
