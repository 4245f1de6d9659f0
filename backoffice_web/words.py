"""What statuses, services and reasons are called, for people."""

import json
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

STATUSES = {
    "placed": _l("Placed"),
    "approved": _l("Approved"),
    "shipped": _l("Shipped"),
    "rejected": _l("Rejected"),
    "cancelled": _l("Cancelled"),
}
HOLDINGS = {
    "pending": _l("no answer yet"),
    "reserved": _l("held"),
    "rejected": _l("refused"),
    "released": _l("given back"),
}
SERVICES = {
    "orders": _l("Orders"),
    "products": _l("Products"),
    "customers": _l("Customers"),
    "accounting": _l("Accounting"),
}
REASONS = {
    "out_of_stock": _l("out of stock"),
    "not_on_sale": _l("not on sale"),
    "insufficient_credit": _l("credit too low"),
    "timed_out": _l("no answer in time"),
}
ROLES = {"customer": _l("Customer"), "manager": _l("Manager")}


def status_name(code: str) -> str:
    return str(STATUSES.get(code, code))


def holding_name(code: str) -> str:
    return str(HOLDINGS.get(code, code))


def service_name(code: str) -> str:
    return str(SERVICES.get(code, code))


def role_name(code: str) -> str:
    return str(ROLES.get(code, code))


def reason_names(codes: list[str] | None) -> str:
    return ", ".join(str(REASONS.get(code, code)) for code in codes or ())


def actor_name(actor: str) -> str:
    """Whoever did it, from `role:username`."""
    role, _colon, name = actor.partition(":")
    strangers = {"service": _("the service itself"), "anonymous": _("a visitor"), "operator": _("an operator")}
    return str(strangers.get(role, name))


def as_json(value: Any) -> str:
    """For those who want to see it as it is."""
    return json.dumps(value, indent=2, ensure_ascii=False)


FILTERS = {
    "status": status_name,
    "holding": holding_name,
    "service": service_name,
    "role": role_name,
    "reasons": reason_names,
    "actor": actor_name,
    "as_json": as_json,
}
