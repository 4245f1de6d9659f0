"""Customers with their credit."""

import re

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from backoffice_web.forms import Credit, amount_of, sent, text_of
from backoffice_web.listing import page_of, search_text
from shop.web import calls
from shop.web.formats import money

customers = Blueprint("customers", __name__)

Page = Response | str | tuple[str, int]

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,31}", re.ASCII)
LAST_ORDERS = 5


@customers.get("/customers")
def list_all() -> str:
    q = search_text()
    return render_template("customers.html", page=page_of("/v1/customers", q=q), wanted={"q": q})


@customers.get("/customers/<username>")
def show(username: str) -> str:
    return _page(username)


@customers.post("/customers/<username>")
def set_credit(username: str) -> Page:
    form = Credit()
    path = f"/v1/customers/{_checked(username)}"
    if form.validate():
        currency = calls.read(path)["credit"]["currency"]
        body = {"credit": amount_of(form.credit, currency), "reason": text_of(form.reason)}
        customer = sent(form, "PUT", f"{path}/credit", body)
        if customer is not None:
            said = _("%(name)s can spend %(credit)s now.", name=customer["username"], credit=money(customer["credit"]))
            flash(said, "success")
            return redirect(url_for("customers.show", username=customer["username"]), code=303)
    return _page(username, form), 422


def _page(username: str, form: Credit | None = None) -> str:
    customer = calls.read(f"/v1/customers/{_checked(username)}")
    form = form or Credit(formdata=None, data={"credit": customer["credit"]["amount"]})
    form.version.data = customer["version"]
    orders = calls.read("/v1/orders", customer=customer["username"], limit=LAST_ORDERS)["items"]
    return render_template("customer.html", customer=customer, form=form, orders=orders)


def _checked(username: str) -> str:
    """Raises: NotFound, for what would lead to another address of the gateway."""
    if not USERNAME.fullmatch(username):
        raise NotFound
    return username
