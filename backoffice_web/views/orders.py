"""Orders: the list, and each one's timeline across the services."""

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backoffice_web.finding import customers_called
from backoffice_web.listing import page_of
from backoffice_web.timeline import timeline_of
from backoffice_web.words import STATUSES
from shop.http.client import Problem
from shop.web import calls
from shop.web.formats import beginning_of
from shop.web.forms import Form, send
from shop.web.phrases import KINDS, told
from shop.web.searching import search_text

orders = Blueprint("orders", __name__)

OLDEST_FIRST = "placed"
CAN_BE = {"shipped": ("approved",), "cancelled": ("placed", "approved")}
"""Statuses from which an order can reach these."""


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """A manager's filter of orders. Days are ISO 8601; invalid values count as not given."""

    status: str = ""
    customer: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Query parameters of the filter."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def for_gateway(self) -> dict[str, str]:
        until = _day(self.until)
        return {
            "status": self.status,
            "customer": self.customer,
            "placed_from": beginning_of(date.fromisoformat(self.since)) if self.since else "",
            "placed_before": beginning_of(until + timedelta(days=1)) if until else "",
            "sort": self.sort,
        }


@orders.get("/orders")
def list_all() -> str:
    """The orders of one customer, if the name matches a single one; of several, one is to be chosen."""
    wanted = _wanted()
    customers, has_more = customers_called(wanted.customer) if wanted.customer else ([], False)
    one = customers[0] if len(customers) == 1 else None
    if one:
        wanted = replace(wanted, customer=one["username"])
    return render_template(
        "orders.html",
        page=page_of("/v1/orders", **wanted.for_gateway) if one or not wanted.customer else None,
        wanted=wanted,
        statuses=STATUSES,
        customer=one,
        choices=customers if not one else [],
        has_more=has_more,
        complaint=_("No matching customers.") if wanted.customer and not customers else "",
    )


@orders.get("/orders/<uuid:order_id>")
def show(order_id: UUID) -> str:
    order = calls.read(f"/v1/orders/{order_id}")
    products = {line["product_id"]: line["name"] for line in order["lines"]}
    told_of = timeline_of(calls.read_all(f"/v1/orders/{order_id}/history"), products)
    return render_template("order.html", order=order, timeline=told_of, can_be=CAN_BE)


@orders.get("/orders/<uuid:order_id>/shipment")
def ask_to_ship(order_id: UUID) -> Response | str:
    """The page that asks for a confirmation."""
    return _asked(order_id, "shipped", "ship.html", "order-not-shippable")


@orders.post("/orders/<uuid:order_id>/shipment")
def ship(order_id: UUID) -> Response:
    return _done(order_id, "shipment", _("Order marked as shipped."))


@orders.get("/orders/<uuid:order_id>/cancellation")
def ask_to_cancel(order_id: UUID) -> Response | str:
    """The page that asks for a confirmation."""
    return _asked(order_id, "cancelled", "cancel.html", "order-not-cancellable")


@orders.post("/orders/<uuid:order_id>/cancellation")
def cancel(order_id: UUID) -> Response:
    return _done(order_id, "cancellation", _("Order cancelled. Reserved stock and credit will be released."))


def _asked(order_id: UUID, what: str, template: str, too_late: str) -> Response | str:
    """The page that asks for a confirmation; a redirect to the order, if the request could only be refused."""
    order = calls.read(f"/v1/orders/{order_id}")
    if order["status"] not in CAN_BE[what]:
        flash(KINDS[too_late], "error")
        return redirect(url_for("orders.show", order_id=order_id), code=303)
    return render_template(template, order=order, form=Form(formdata=None))


def _done(order_id: UUID, what: str, said: str) -> Response:
    try:
        send(Form(), "POST", f"/v1/orders/{order_id}/{what}", {})
        flash(said, "success")
    except Problem as problem:
        if problem.status != 409:
            raise
        flash(told(problem), "error")
    return redirect(url_for("orders.show", order_id=order_id), code=303)


def _wanted() -> OrderFilter:
    asked = request.args
    return OrderFilter(
        status=asked["status"] if asked.get("status") in STATUSES else "",
        customer=search_text("customer"),
        since=_day_text(asked.get("since", "")),
        until=_day_text(asked.get("until", "")),
        sort=OLDEST_FIRST if asked.get("sort") == OLDEST_FIRST else "",
    )


def _day_text(text: str) -> str:
    day = _day(text)
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    """A day of the years 1970 to 9000; None for any other text. Later days overflow in time zones."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None
