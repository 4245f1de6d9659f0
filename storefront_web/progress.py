"""The progress of an order, in steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from flask_babel import gettext as _

from shop.http.client import Json
from shop.web.formats import money


class State(StrEnum):
    """State of a step. `SKIPPED`: the step will not happen."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    RETURNED = "returned"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Args: at: time of its state, ISO 8601; empty for a waiting one."""

    name: str
    title: str
    state: State
    text: str
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """An order's steps.

    Args:
        headline: the status, in a sentence.
        reasons: reasons for a rejection.
    """

    headline: str
    steps: Sequence[Step]
    reasons: Sequence[str]
    is_under_way: bool
    digest: str


def progress_of(order: Json, history: Sequence[Json]) -> Progress:
    """Args: history: the order's events, oldest first."""
    times = _Times(history)
    steps = [_dated(step(order, times)) for step in (_placed, _stock, _credit, _decision, _invoice, _shipping)]
    return Progress(
        headline=_headline(order),
        steps=steps,
        reasons=_reasons(order, history),
        is_under_way=_is_under_way(order, times),
        digest=sha256(repr((steps, order["status"])).encode()).hexdigest()[:16],
    )


def _is_under_way(order: Json, at: "_Times") -> bool:
    """Whether the order is still being processed."""
    if _is_being_taken_back(order, at):
        return True
    if order["status"] in ("approved", "shipped"):
        return not order["invoice"]
    return order["status"] == "placed" or bool({order["stock"], order["credit"]} & {"pending", "reserved"})


class _Times:
    """Time of the last event by event type; empty without one."""

    def __init__(self, history: Iterable[Json]) -> None:
        self._times = {entry["event"]: str(entry["at"]) for entry in history}

    def __call__(self, *events: str) -> str:
        return max((self._times.get(event, "") for event in events), default="")


def _dated(step: Step) -> Step:
    """Without the time of a waiting step: the history may be newer than the order, which was read first."""
    return replace(step, at="") if step.state is State.WAITING else step


def _placed(order: Json, _at: _Times) -> Step:
    return Step(
        name="placed",
        title=_("Order placed"),
        state=State.DONE,
        text=_("We have received your order."),
        at=order["placed_at"],
    )


def _stock(order: Json, at: _Times) -> Step:
    is_sent = order["status"] == "shipped"
    texts = {
        "pending": (State.WAITING, _("Checking stock …")),
        "reserved": (State.DONE, _("All items were in stock.") if is_sent else _("All items are reserved for you.")),
        "rejected": (State.REFUSED, _("Not enough items in stock.")),
        "released": (State.RETURNED, _("The reserved items have been released.")),
    }
    return _held("stock", _("Stock"), order, texts, at("StockReserved", "StockRejected", "StockReleased"))


def _credit(order: Json, at: _Times) -> Step:
    total = money(order["total"])
    held, charged = (
        _("%(total)s of your credit is reserved.", total=total),
        _("%(total)s was charged to your credit.", total=total),
    )
    texts = {
        "pending": (State.WAITING, _("Checking your credit …")),
        "reserved": (State.DONE, charged if order["status"] in ("approved", "shipped") else held),
        "rejected": (State.REFUSED, _("Your available credit does not cover the total.")),
        "released": (State.RETURNED, _("The amount is available to you again.")),
    }
    return _held("credit", _("Credit"), order, texts, at("CreditReserved", "CreditRejected", "CreditReleased"))


def _held(name: str, title: str, order: Json, texts: dict[str, tuple[State, str]], at: str) -> Step:
    state, text = texts[order[name]]
    if order[name] == "pending" and order["status"] != "placed":
        state, text = State.SKIPPED, _("No longer needed.")
    return Step(name=name, title=title, state=state, text=text, at=at)


def _decision(order: Json, at: _Times) -> Step:
    texts = {
        "placed": (State.WAITING, _("Waiting for the stock and credit checks.")),
        "approved": (State.DONE, _("Confirmed.")),
        "shipped": (State.DONE, _("Confirmed.")),
        "rejected": (State.REFUSED, _("Rejected. You have not been charged.")),
        "cancelled": (State.REFUSED, _("Cancelled. You will not be charged.")),
    }
    state, text = texts[order["status"]]
    when = at("OrderRejected", "OrderCancelled") or at("OrderApproved")
    return Step(name="decision", title=_("Confirmation"), state=state, text=text, at=when)


def _invoice(order: Json, at: _Times) -> Step:
    state, text, when = State.WAITING, _("Issued once the order is confirmed."), at("InvoiceIssued")
    if _is_being_taken_back(order, at):
        text = _("Invoice %(number)s is being cancelled.", number=order["invoice"])
    elif order["invoice"] and order["status"] == "cancelled":
        state, text = State.RETURNED, _("Invoice %(number)s has been cancelled.", number=order["invoice"])
        when = at("CreditNoteIssued")
    elif order["invoice"]:
        state, text = State.DONE, _("Invoice %(number)s", number=order["invoice"])
    elif order["status"] in ("rejected", "cancelled"):
        state, text = State.SKIPPED, _("No invoice issued.")
    return Step(name="invoice", title=_("Invoice"), state=state, text=text, at=when)


def _is_being_taken_back(order: Json, at: _Times) -> bool:
    return bool(order["invoice"]) and order["status"] == "cancelled" and not at("CreditNoteIssued")


def _shipping(order: Json, at: _Times) -> Step:
    state, text = State.WAITING, _("We will ship your order as soon as possible.")
    if order["status"] == "shipped":
        state, text = State.DONE, _("Your order is on its way.")
    elif order["status"] in ("rejected", "cancelled"):
        state, text = State.SKIPPED, _("Not shipped.")
    return Step(name="shipping", title=_("Shipping"), state=state, text=text, at=at("OrderShipped"))


def _headline(order: Json) -> str:
    return {
        "placed": _("We are processing your order."),
        "approved": _("Your order is confirmed. Thank you!"),
        "shipped": _("Your order is on its way."),
        "rejected": _("Your order was rejected."),
        "cancelled": _("Your order has been cancelled."),
    }[order["status"]]


def _reasons(order: Json, history: Sequence[Json]) -> list[str]:
    """Reasons for a rejection, with numbers from the history where available."""
    details = {entry["event"]: entry["detail"] for entry in history}
    told: list[str] = []
    for code in order["reason"] or ():
        if code in ("out_of_stock", "not_on_sale"):
            told += _shortages(order, code, details.get("StockRejected", {}).get("shortages", []))
        elif code == "insufficient_credit":
            told.append(_short_of_credit(order, details.get("CreditRejected", {})))
        else:
            told.append(_("The checks took too long. Please place the order again."))
    return told


def _shortages(order: Json, code: str, shortages: Sequence[Json]) -> list[str]:
    names = {line["product_id"]: line["name"] for line in order["lines"]}
    texts = [_shortage(names.get(one["product_id"], ""), one) for one in shortages if one["reason"] == code]
    general = {
        "out_of_stock": _("Not enough items in stock."),
        "not_on_sale": _("A product in your order is no longer available."),
    }
    return texts or [general[code]]


def _shortage(name: str, shortage: Json) -> str:
    if shortage["reason"] == "not_on_sale":
        return _("%(name)s is no longer available.", name=name)
    return _(
        "%(name)s: %(requested)s ordered, only %(available)s in stock.",
        name=name,
        requested=shortage["requested"],
        available=shortage["available"],
    )


def _short_of_credit(order: Json, detail: Json) -> str:
    if "available" not in detail:
        return _("Your available credit does not cover the total of %(total)s.", total=money(order["total"]))
    return _(
        "Your available credit of %(credit)s does not cover the total of %(total)s.",
        credit=money(detail["available"]),
        total=money(order["total"]),
    )
