"""Registration, and the customer's profile."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, SelectField, StringField

from shop.http.client import Json, Problem
from shop.web import calls
from shop.web.edits import Edit, save
from shop.web.formats import countries
from shop.web.forms import Form, filled, longest, send, shortest
from shop.web.phrases import told
from shop.web.views import start_session
from shop.web.visitor import current_user, local_path, login_required

account = Blueprint("account", __name__)

Page = Response | str | tuple[str, int]

ADDRESS = ("street", "postcode", "city", "country")


class Register(Form):
    username = StringField(_l("Username"), [filled()])
    full_name = StringField(_l("Name"), [filled(), longest(120)])
    email = EmailField(_l("Email"), [filled()])
    password = PasswordField(_l("Password"), [filled(), shortest(8), longest(128)])


class Details(Edit):
    full_name = StringField(_l("Name"), [filled(), longest(120)])
    email = EmailField(_l("Email"), [filled()])


class AddressForm(Edit):
    street = StringField(_l("Street address"), [filled(), longest(120)])
    postcode = StringField(_l("Postcode"), [filled(), longest(16)])
    city = StringField(_l("City"), [filled(), longest(120)])
    country = SelectField(_l("Country"), [filled()], validate_choice=False)


class PasswordForm(Form):
    current_password = PasswordField(_l("Current password"), [filled()])
    new_password = PasswordField(_l("New password"), [filled(), shortest(8), longest(128)])


@account.route("/register", methods=["GET", "POST"])
def register() -> Page:
    form, onwards = Register(), local_path(request.values.get("next"), url_for("home.show"))
    if request.method == "GET":
        if current_user():
            return redirect(onwards)
        return render_template("register.html", form=form, onwards=onwards)
    if not form.validate() or not _registered(form):
        return render_template("register.html", form=form, onwards=onwards), 422
    start_session(_text(form.username), form.password.data or "")
    flash(_("Welcome, %(name)s! Your account is ready.", name=_text(form.full_name)), "success")
    return redirect(onwards, code=303)


register.is_private = True  # type: ignore[attr-defined]


@account.get("/profile")
@login_required
def show() -> str:
    return _profile({})


@account.post("/profile")
@login_required
def change_details() -> Page:
    form = Details()
    if form.validate() and _changed(form, lambda: {name: _text(form[name]) for name in form.changed}, _details):
        return _saved(_("Profile saved."))
    return _profile({"details": form}), 422


@account.post("/profile/address")
@login_required
def change_address() -> Page:
    form = AddressForm()
    if "remove" in request.form:
        if _changed(form, lambda: {"address": None}, _address):
            return _saved(_("Address removed."))
        return _profile({"address": form}), 422
    form.country.choices = _country_choices()
    if form.validate() and _changed(form, lambda: {"address": {name: _text(form[name]) for name in ADDRESS}}, _address):
        return _saved(_("Address saved."))
    return _profile({"address": form}), 422


@account.post("/profile/password")
@login_required
def change_password() -> Page:
    form = PasswordForm()
    if form.validate() and _changed_password(form):
        return _saved(_("Password changed. You have been logged out on all other devices."))
    return _profile({"password": form}), 422


def _registered(form: Register) -> bool:
    body = {name: _text(form[name]) for name in ("username", "full_name", "email")}
    try:
        send(form, "POST", "/v1/customers", body | {"password": form.password.data})
    except Problem as problem:
        if problem.kind == "username-taken":
            form.blame("username", told(problem))
        else:
            form.take(_refusal(problem))
        return False
    return True


def _changed(form: Edit, body: Callable[[], Json], known: Callable[[Json], tuple[Json, int]]) -> bool:
    return save(form, "/v1/customers/me", body=body, known=known) is not None


def _details(customer: Json) -> tuple[Json, int]:
    """The form's values, and their version."""
    return customer, customer["version"]


def _address(customer: Json) -> tuple[Json, int]:
    """The form's values, and their version."""
    address = customer["address"] or {}
    return {name: address.get(name, "") for name in ADDRESS}, customer["version"]


def _changed_password(form: PasswordForm) -> bool:
    body = {"current_password": form.current_password.data, "new_password": form.new_password.data}
    try:
        send(form, "PUT", "/v1/customers/me/password", body)
    except Problem as problem:
        form.take(_refusal(problem))
        return False
    return True


def _refusal(problem: Problem) -> Problem:
    """The problem, if it concerns the form's values. Raises: Problem, any other."""
    if problem.status in (409, 412, 422, 429):
        return problem
    raise problem


def _saved(said: str) -> Response:
    flash(said, "success")
    return redirect(_onwards() or url_for("account.show"), code=303)


def _profile(sent: Mapping[str, Form]) -> str:
    """The page, with submitted forms as they were sent, and the others with present values."""
    customer = calls.read("/v1/customers/me")
    forms: dict[str, Any] = {
        "details": Details.of(*_details(customer)),
        "address": AddressForm.of(*_address(customer)),
        "password": PasswordForm(formdata=None),
    }
    forms |= sent
    forms["address"].country.choices = _country_choices()
    return render_template("profile.html", customer=customer, onwards=_onwards(), **forms)


def _onwards() -> str:
    """The page from which the visitor came to the profile, such as the checkout; empty without one."""
    return local_path(request.values.get("next"), "")


def _country_choices() -> list[tuple[str, str]]:
    return [("", _("Choose a country")), *countries()]


def _text(field: Any) -> str:
    return str(field.data or "").strip()
