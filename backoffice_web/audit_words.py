"""Translates the audit's English texts into the visitor's language."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from backoffice_web.audit_faults import fault
from backoffice_web.words import service_name
from shop.web.formats import money, number

NAMES: Mapping[str, Any] = {
    "audit": _l("Audit"),
    "credit never negative": _l("Credit is never negative"),
    "events can be read": _l("All events are readable"),
    "invoices gapless, one per approved order": _l("Invoice numbers are gapless, one invoice per approved order"),
    "money conserved": _l("Credit movements add up"),
    "no reservation left": _l("No reservations left on closed orders"),
    "one decision per order": _l("Each order is decided once"),
    "positions gapless, hash chain intact": _l("Log positions are gapless, hash chain is intact"),
    "snapshots equal the log": _l("Snapshots match the log"),
    "stock never negative": _l("Stock is never negative"),
    "units conserved": _l("Stock movements add up"),
}
BETWEEN_FAULTS = "; "
READ_MODEL = re.compile(r"read model of (\w+) equals the log")
NUMBER = r"(-?[\d,]+)"
REPAIRS = re.compile(rf"; the clock was repaired (once|\d+ times), last at position {NUMBER}, from (.+) to (.+)")


def check_name(name: str) -> str:
    """A check's name."""
    if found := READ_MODEL.fullmatch(name):
        return str(_("Read model of %(service)s matches the log", service=service_name(found[1])))
    return str(NAMES.get(name, name))


def check_details(detail: str) -> list[str]:
    """A check's findings, one by one. Texts of unknown form stay in English."""
    for pattern, told in DETAILS.items():
        if found := re.fullmatch(pattern, detail):
            return [told(*found.groups())]
    return [fault(said) or said for said in detail.split(BETWEEN_FAULTS)]


def _counted(text: str) -> int:
    return int(text.replace(",", ""))


def _number(text: str) -> str:
    return number(_counted(text))


def _amount(text: str) -> str:
    """Such as `12.50 EUR`."""
    amount, _blank, currency = text.partition(" ")
    return money({"amount": amount, "currency": currency}) if currency else text


def _commits(commits: str, repairs: str | None) -> str:
    told = _("%(commits)s commits, each follows the one before", commits=_number(commits))
    return f"{told}{_repairs(repairs)}" if repairs else str(told)


def _repairs(text: str) -> str:
    found = REPAIRS.fullmatch(text)
    if not found:
        return text
    times = 1 if found[1] == "once" else int(found[1].split()[0])
    told: str = ngettext(
        "the clock was repaired %(num)s time, last at position %(position)s, from %(before)s to %(after)s",
        "the clock was repaired %(num)s times, last at position %(position)s, from %(before)s to %(after)s",
        times,
        position=_number(found[2]),
        before=found[3],
        after=found[4],
    )
    return f"; {told}"


def _customers(count: str) -> str:
    return str(
        ngettext(
            "%(count)s customer, at every position",
            "%(count)s customers, at every position",
            _counted(count),
            count=_number(count),
        )
    )


def _products(count: str) -> str:
    return str(
        ngettext(
            "%(count)s product, at every position",
            "%(count)s products, at every position",
            _counted(count),
            count=_number(count),
        )
    )


def _rows(count: str, position: str) -> str:
    return str(
        ngettext(
            "%(count)s row at position %(position)s",
            "%(count)s rows at position %(position)s",
            _counted(count),
            count=_number(count),
            position=_number(position),
        )
    )


def _orders(count: str) -> str:
    return str(ngettext("%(count)s order", "%(count)s orders", _counted(count), count=_number(count)))


def _snapshots(count: str) -> str:
    return str(ngettext("%(count)s snapshot", "%(count)s snapshots", _counted(count), count=_number(count)))


def _holding(count: str, holding: str) -> str:
    return str(_("%(orders)s, %(holding)s of them with reservations", orders=_orders(count), holding=_number(holding)))


def _documents(invoices: str, notes: str) -> str:
    return str(_("invoices: %(invoices)s, credit notes: %(notes)s", invoices=_number(invoices), notes=_number(notes)))


def _money(granted: str, available: str, held: str, spent: str) -> str:
    return str(
        _(
            "granted %(granted)s = available %(available)s + reserved %(held)s + spent %(spent)s",
            granted=_amount(granted),
            available=_amount(available),
            held=_amount(held),
            spent=_amount(spent),
        )
    )


def _units(delivered: str, there: str, held: str) -> str:
    return str(
        _(
            "delivered %(delivered)s = in stock %(there)s + in orders %(held)s",
            delivered=_number(delivered),
            there=_number(there),
            held=_number(held),
        )
    )


DETAILS: Mapping[str, Callable[..., str]] = {
    rf"{NUMBER} commits, each follows the one before(;.+)?": _commits,
    rf"{NUMBER} customers?, at every position": _customers,
    rf"{NUMBER} products?, at every position": _products,
    rf"{NUMBER} rows? at position {NUMBER}": _rows,
    rf"{NUMBER} orders?": _orders,
    rf"{NUMBER} snapshots?": _snapshots,
    rf"{NUMBER} orders?, {NUMBER} of which hold something": _holding,
    rf"{NUMBER} invoices? and {NUMBER} credit notes?": _documents,
    r"granted (.+) = available (.+) \+ held (.+) \+ spent (.+)": _money,
    rf"delivered {NUMBER} = in stock {NUMBER} \+ with orders {NUMBER}": _units,
}

FILTERS = {"check_name": check_name, "check_details": check_details}
