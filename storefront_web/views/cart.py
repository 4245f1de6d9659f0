"""The cart's page, and additions to the cart."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from shop.http.client import Json
from shop.web import calls
from shop.web.visitor import local_path, login_required
from storefront_web import cart as contents
from storefront_web.cart import MOST_OF_ONE, CartFull
from storefront_web.views.catalogue import product_page

cart = Blueprint("cart", __name__)


@cart.get("/cart")
def show() -> str:
    return _page({}, {})


@cart.post("/cart")
def change() -> Response | tuple[str, int]:
    """Set the changed quantities, and go to the checkout if that button was pressed."""
    removed, typed = request.form.get("remove"), _typed()
    errors = {id_: _wrong(0) for id_, text in typed.items() if id_ != removed and not _is_quantity(text)}
    contents.change({id_: int(text) for id_, text in typed.items() if id_ not in (removed, *errors)})
    if removed in contents.quantities():
        contents.change({removed: 0})
    if errors:
        return _page(typed, errors), 422
    if "checkout" in request.form and contents.quantities():
        return redirect(url_for("checkout.show"), code=303)
    flash(_("Cart updated."), "success")
    return redirect(url_for("cart.show"), code=303)


@cart.post("/cart/products/<uuid:product_id>")
def add(product_id: UUID) -> Response | tuple[str, int]:
    """Add a product, and return to the page that it was found on."""
    back = local_path(request.form.get("next"), url_for("catalogue.show_product", product_id=product_id))
    text = request.form.get("quantity", "1").strip()
    product = calls.read(f"/v1/products/{product_id}")
    if not _is_quantity(text) or int(text) == 0:
        return product_page(product, text, _wrong(1)), 422
    try:
        units = contents.add(product["id"], int(text))
    except CartFull:
        flash(
            _("Your cart is full. An order can contain up to %(most)s different products.", most=contents.MOST_LINES),
            "error",
        )
        return redirect(url_for("cart.show"), code=303)
    flash(*_added(product, units))
    return redirect(back, code=303)


@cart.post("/cart/orders/<uuid:order_id>")
@login_required
def add_again(order_id: UUID) -> Response:
    """Add a former order's products; the cart shows which are no longer on sale."""
    order = calls.read(f"/v1/orders/{order_id}")
    try:
        for line in order["lines"]:
            contents.add(line["product_id"], line["quantity"])
    except CartFull:
        flash(
            _("Your cart is full. An order can contain up to %(most)s different products.", most=contents.MOST_LINES),
            "error",
        )
    return redirect(url_for("cart.show"), code=303)


def _added(product: Json, units: int) -> tuple[Markup, str]:
    """Message and category after a product was added, with its new quantity."""
    name, there = product["name"], product["units_in_stock"]
    if contents.CartLine(product, units).is_short:
        said = ngettext(
            "%(name)s added to your cart (%(units)s in total), but only %(num)s in stock.",
            "%(name)s added to your cart (%(units)s in total), but only %(num)s in stock.",
            there,
            name=name,
            units=units,
        )
        return _with_link(said), "warn"
    said = ngettext("%(name)s added to your cart.", "%(name)s added to your cart (%(num)s in total).", units, name=name)
    return _with_link(said), "success"


def _with_link(said: str) -> Markup:
    link = Markup('{} <a href="{}">{}</a>')
    return link.format(said, url_for("cart.show"), _("View cart"))


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    lines, gone = contents.lines_of(contents.quantities())
    if gone:
        contents.change(dict.fromkeys(gone, 0))
        said = ngettext(
            "A product is no longer available and was removed from your cart.",
            "%(num)s products are no longer available and were removed from your cart.",
            len(gone),
        )
        flash(said, "info")
    return render_template("cart.html", lines=lines, total=contents.total_of(lines), typed=typed, errors=errors)


def _is_quantity(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MOST_OF_ONE


def _typed() -> dict[str, str]:
    """Quantities by product id that differ from those shown; the cart may have changed since."""
    form = request.form
    given = {id_: form[f"quantity-{id_}"].strip() for id_ in contents.quantities() if f"quantity-{id_}" in form}
    return {id_: text for id_, text in given.items() if text != form.get(f"seen-{id_}")}


def _wrong(least: int) -> str:
    return str(_("Enter a whole number between %(least)s and %(most)s.", least=least, most=MOST_OF_ONE))
