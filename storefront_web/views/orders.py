"""The customer's orders: the list, and each one's progress."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from shop.http.client import Problem
from shop.web import calls
from shop.web.forms import Form, send
from shop.web.phrases import told
from shop.web.visitor import login_required
from storefront_web.progress import progress_of

orders = Blueprint("orders", __name__)

STATUSES = {
    "placed": _l("Processing"),
    "approved": _l("Confirmed"),
    "shipped": _l("Shipped"),
    "rejected": _l("Rejected"),
    "cancelled": _l("Cancelled"),
}
ON_A_PAGE = 10


@orders.app_template_filter("status")
def status_name(code: str) -> str:
    return str(STATUSES.get(code, code))


@orders.get("/orders")
@login_required
def list_all() -> Response | str:
    status = request.args.get("status", "")
    status = status if status in STATUSES else ""
    after = request.args.get("after", "")
    try:
        page = calls.read("/v1/orders", status=status, after=after, limit=ON_A_PAGE)
    except Problem as problem:
        if problem.status == 422 and after:  # an invalid cursor
            return redirect(url_for("orders.list_all", status=status or None))
        raise
    return render_template("orders.html", page=page, status=status, statuses=STATUSES, is_first=not after)


@orders.get("/orders/<uuid:order_id>")
@login_required
def show(order_id: UUID) -> str:
    order, history = _order(order_id)
    return render_template(
        "order.html", order=order, history=history, progress=progress_of(order, history), form=Form(formdata=None)
    )


@orders.get("/orders/<uuid:order_id>/progress")
@login_required
def show_progress(order_id: UUID) -> Response | str:
    """The changing part of the page; no content if it has not changed."""
    order, history = _order(order_id)
    progress = progress_of(order, history)
    if request.args.get("seen") == progress.digest:
        return Response(status=204)
    return render_template(
        "progress.html", order=order, history=history, progress=progress, form=Form(formdata=None), is_update=True
    )


@orders.post("/orders/<uuid:order_id>/cancellation")
@login_required
def cancel(order_id: UUID) -> Response:
    try:
        send(Form(), "POST", f"/v1/orders/{order_id}/cancellation", {})
        flash(_("Your order has been cancelled."), "success")
    except Problem as problem:
        if problem.status != 409:
            raise
        flash(told(problem), "error")
    return redirect(url_for("orders.show", order_id=order_id), code=303)


def _order(order_id: UUID) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The order and its events; the history is read last, so it never lags."""
    order = calls.read(f"/v1/orders/{order_id}")
    return order, calls.read_all(f"/v1/orders/{order_id}/history")
