"""Customers with their credit."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from backoffice_web.finding import USERNAME
from backoffice_web.forms import Credit, CreditChange, amount_of, sent, text_of
from backoffice_web.listing import page_of
from shop.http.client import Json
from shop.web import calls
from shop.web.amounts import shown
from shop.web.formats import money
from shop.web.searching import search_text

customers = Blueprint("customers", __name__)

Page = Response | str | tuple[str, int]

LAST_ORDERS = 5


@customers.get("/customers")
def list_all() -> str:
    q = search_text()
    return render_template("customers.html", page=page_of("/v1/customers", q=q), wanted={"q": q})


@customers.get("/customers/<username>")
def show(username: str) -> str:
    return _page(username)


@customers.post("/customers/<username>/credit-changes")
def change_credit(username: str) -> Page:
    """Add to the credit or subtract from it, relative to its present amount."""
    form, path = CreditChange(), f"/v1/customers/{_checked(username)}"
    if form.validate():
        body = {"amount": amount_of(form.amount, _currency(path)), "reason": text_of(form.reason)}
        customer = sent(form, "POST", f"{path}/credit-changes", body)
        if customer is not None:
            return _saved(customer)
    return _page(username, change=form), 422


@customers.post("/customers/<username>")
def set_credit(username: str) -> Page:
    form, path = Credit(), f"/v1/customers/{_checked(username)}"
    if form.validate():
        currency = _currency(path)
        body = {
            "credit": amount_of(form.credit, currency),
            "reason": text_of(form.reason),
            "expected": {"amount": text_of(form.expected), "currency": currency},
        }
        customer = sent(form, "PUT", f"{path}/credit", body)
        if customer is not None:
            return _saved(customer)
    return _page(username, setting=form), 422


def _currency(path: str) -> str:
    """Currency of a customer's credit, and of all amounts in the shop."""
    currency: str = calls.read(path)["credit"]["currency"]
    return currency


def _saved(customer: Json) -> Response:
    said = _(
        "Available credit of %(name)s is now %(credit)s.", name=customer["username"], credit=money(customer["credit"])
    )
    flash(said, "success")
    return redirect(url_for("customers.show", username=customer["username"]), code=303)


def _page(username: str, change: CreditChange | None = None, setting: Credit | None = None) -> str:
    customer = calls.read(f"/v1/customers/{_checked(username)}")
    amount = customer["credit"]["amount"]
    if setting and setting.has_moved:
        setting.merge(amount)
    orders = calls.read("/v1/orders", customer=customer["username"], limit=LAST_ORDERS)["items"]
    return render_template(
        "customer.html",
        customer=customer,
        change=change or CreditChange(formdata=None),
        setting=setting or Credit(formdata=None, data={"credit": shown(amount), "expected": amount}),
        orders=orders,
    )


def _checked(username: str) -> str:
    """Raises: NotFound, for a username that would form another path of the gateway."""
    if not USERNAME.fullmatch(username):
        raise NotFound
    return username
