"""Displayed names of fields, and of their values."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from backoffice_web.words import role_name, status_name
from shop.web.formats import country, money

Json = Any

BETWEEN = ", "

PARTS = {
    "address": _l("Address"),
    "category_id": _l("Category"),
    "city": _l("City"),
    "company": _l("Company"),
    "country": _l("Country"),
    "credit": _l("Available credit"),
    "customer": _l("Customer"),
    "description": _l("Description"),
    "email": _l("Email"),
    "full_name": _l("Name"),
    "held": _l("Reserved"),
    "issued": _l("Issued so far"),
    "lines": _l("Line"),
    "name": _l("Name"),
    "on_sale": _l("Listed"),
    "order_id": _l("Order"),
    "placed": "",
    "postcode": _l("Postcode"),
    "price": _l("Price"),
    "product_id": _l("Product"),
    "products": _l("Products"),
    "profile": "",
    "quantity": _l("Quantity"),
    "reserved": _l("Reserved or spent"),
    "role": _l("Role"),
    "status": _l("Status"),
    "street": _l("Street address"),
    "supplier": _l("Supplier"),
    "total": _l("Total"),
    "unit_price": _l("Unit price"),
    "units": _l("Units in stock"),
    "username": _l("Username"),
    "vat_id": _l("VAT ID"),
    "version": _l("Edit version"),
}
"""By the name of the field; empty for a mere container."""

VALUES = {"country": country, "role": role_name, "status": status_name}
"""Functions to display values, by the name of the field; by default, the value itself."""


def name_of(path: Sequence[str]) -> str:
    """Displayed name of the value at this path, such as Line 1, Quantity."""
    told: list[str] = []
    for part in path:
        if part in PARTS:
            told += [text] if (text := str(PARTS[part])) else []
        elif told:  # number or key of an item
            told[-1] += f" {part}"
        else:
            told.append(part)
    return BETWEEN.join(told)


def value_of(path: Sequence[str], value: Json, names: Mapping[str, str]) -> str:
    """A value as text.

    Args:
        names: names of referenced things, by id.
    """
    if isinstance(value, Mapping):
        return money(value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    told = VALUES.get(path[-1], str)
    return names.get(str(value), told(value))
