"""The catalogue: products with search, and the forms of each product."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from backoffice_web.forms import AMOUNTS, NewProduct, Product, Restock, amount_of, sent, text_of
from backoffice_web.listing import page_of
from shop.http.client import Json
from shop.web import calls
from shop.web.amounts import shown, whole_number
from shop.web.edits import Versioned, save
from shop.web.forms import Form
from shop.web.searching import search_text

products = Blueprint("products", __name__)

Page = Response | str | tuple[str, int]

SORTS = {
    "name": _l("Name"),
    "units": _l("Stock: low to high"),
    "-units": _l("Stock: high to low"),
    "price": _l("Price: low to high"),
    "-price": _l("Price: high to low"),
    "-added": _l("Newest first"),
}
TEXTS = ("name", "description", "supplier", "category_id")


@products.get("/products")
def list_all() -> str:
    asked = request.args
    categories = calls.read_all("/v1/categories")
    known = {category["id"] for category in categories}
    wanted = {
        "q": search_text(),
        "category": asked["category"] if asked.get("category") in known else "",
        "sort": asked["sort"] if asked.get("sort") in SORTS else "name",
    }
    page = page_of("/v1/products", **wanted)
    return render_template("products.html", page=page, wanted=wanted, sorts=SORTS, categories=categories)


@products.get("/products/new")
def new() -> Page:
    form = NewProduct(formdata=None)
    form.category_id.data = request.args.get("category", "")
    return _new_page(form)


@products.post("/products/new")
def add() -> Page:
    form = NewProduct()
    if form.validate():
        body = _described(form) | {"price": _price(form), "units_in_stock": whole_number(text_of(form.units_in_stock))}
        product = sent(form, "POST", "/v1/products", body)
        if product is not None:
            flash(_("%(name)s has been added to the catalogue.", name=product["name"]), "success")
            return redirect(url_for("products.show", product_id=product["id"]), code=303)
    return _new_page(form), 422


@products.get("/products/<uuid:product_id>")
def show(product_id: UUID) -> str:
    return _page(product_id, {})


@products.post("/products/<uuid:product_id>")
def edit(product_id: UUID) -> Page:
    form = Product()
    if not form.validate() or not _edited(form, f"/v1/products/{product_id}"):
        return _page(product_id, {"details": form}), 422
    return _saved(product_id, _("Product saved."))


@products.post("/products/<uuid:product_id>/stock")
def restock(product_id: UUID) -> Page:
    form = Restock()
    if form.validate():
        delta = whole_number(text_of(form.delta))
        body = {"delta": delta, "reason": text_of(form.reason)}
        product = sent(form, "POST", f"/v1/products/{product_id}/stock", body)
        if product is not None:
            units = product["units_in_stock"]
            said = ngettext("Stock updated: %(num)s unit.", "Stock updated: %(num)s units.", units)
            return _saved(product_id, said)
    return _page(product_id, {"restock": form}), 422


@products.get("/products/<uuid:product_id>/withdrawal")
def ask_to_withdraw(product_id: UUID) -> str:
    """The page that asks for a confirmation."""
    product = calls.read(f"/v1/products/{product_id}")
    return render_template("withdraw.html", product=product, form=_withdrawal(product))


@products.post("/products/<uuid:product_id>/withdrawal")
def withdraw(product_id: UUID) -> Page:
    form = Versioned()
    product = calls.read(f"/v1/products/{product_id}")
    if form.validate() and sent(form, "DELETE", f"/v1/products/{product_id}") is not None:
        flash(_("%(name)s has been discontinued.", name=product["name"]), "success")
        return redirect(url_for("products.list_all"), code=303)
    form.version.data = product["version"]
    return render_template("withdraw.html", product=product, form=form), 422


def _described(form: Form) -> Json:
    return {name: text_of(form[name]) for name in TEXTS}


def _edited(form: Product, path: str) -> bool:
    return save(form, path, body=lambda: _changes(form), known=_known, fields=AMOUNTS) is not None


def _changes(form: Product) -> Json:
    """The changed fields of the form."""
    body = _described(form) | ({"price": _price(form)} if "price" in form.changed else {})
    return {name: value for name, value in body.items() if name in form.changed}


def _known(product: Json) -> tuple[Json, int]:
    """The form's values, and their version."""
    known = product | {"category_id": product["category"]["id"], "price": shown(product["price"]["amount"])}
    return known, product["version"]


def _price(form: Form) -> Json:
    return amount_of(form["price"], _currency())


def _currency() -> str:
    """The shop's currency, of every amount."""
    currency: str = calls.read("/v1/revenue")["total"]["currency"]
    return currency


def _withdrawal(product: Json) -> Versioned:
    return Versioned(formdata=None, data={"version": product["version"]})


def _saved(product_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("products.show", product_id=product_id), code=303)


def _new_page(form: NewProduct) -> str:
    form.category_id.choices = _category_choices()
    return render_template("product_new.html", form=form, currency=_currency())


def _page(product_id: UUID, filled_in: dict[str, Form]) -> str:
    """The product's page, with submitted forms as they were sent, and the others with present values."""
    product = calls.read(f"/v1/products/{product_id}")
    forms: dict[str, Any] = {"details": Product.of(*_known(product)), "restock": Restock(formdata=None), **filled_in}
    forms["details"].category_id.choices = _category_choices()
    return render_template("product.html", product=product, **forms)


def _category_choices() -> list[tuple[str, str]]:
    named = [(category["id"], category["name"]) for category in calls.read_all("/v1/categories")]
    return [("", str(_("Choose a category"))), *named]
