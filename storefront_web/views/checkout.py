"""The checkout: products, total, and whether the credit covers it."""

from decimal import Decimal
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import HiddenField

from shop.http.client import GatewayUnavailable, Json, Problem
from shop.web import calls
from shop.web.forms import Form, send
from shop.web.phrases import told, told_of_field
from shop.web.visitor import login_required
from storefront_web import cart
from storefront_web.cart import MOST_LINES, MOST_OF_ONE

checkout = Blueprint("checkout", __name__)


class PlaceOrderForm(Form):
    """The order is exactly what was shown with the button, even if the cart has changed since."""

    lines = HiddenField()
    total = HiddenField()
    currency = HiddenField()

    @property
    def wanted(self) -> dict[str, int]:
        """Quantities by product id. Raises: ValueError, for a form that `show` did not make."""
        pairs = [pair.split(":") for pair in str(self.lines.data or "").split(",")]
        wanted = {str(UUID(product_id)): int(quantity) for product_id, quantity in pairs}
        if len(wanted) > MOST_LINES or not all(0 < quantity <= MOST_OF_ONE for quantity in wanted.values()):
            raise ValueError("not an order")
        return wanted


@checkout.get("/checkout")
@login_required
def show() -> Response | str:
    return _page(PlaceOrderForm(), cart.quantities())


@checkout.post("/checkout")
@login_required
def place() -> Response | tuple[Response | str, int] | str:
    form = PlaceOrderForm()
    try:
        wanted = form.wanted
    except ValueError:
        return _back_to_cart(_("Your cart has changed. Please review it before you order."))
    if not form.total.data or not form.currency.data:
        return _page(PlaceOrderForm(formdata=None), wanted)
    return _placed(form, wanted)


def _placed(form: PlaceOrderForm, wanted: dict[str, int]) -> Response | tuple[str, int] | str:
    body = {
        "lines": [{"product_id": id_, "quantity": quantity} for id_, quantity in wanted.items()],
        "expected_total": {"amount": form.total.data, "currency": form.currency.data},
    }
    try:
        order = send(form, "POST", "/v1/orders", body)
    except GatewayUnavailable:
        return render_template("not_answered.html", form=form), 503
    except Problem as problem:
        if problem.kind == "total-moved":
            flash(told(problem), "warn")
            return _page(PlaceOrderForm(formdata=None), wanted)
        if problem.status != 422:
            raise
        return _back_to_cart(_refusal(problem))
    cart.take_out(wanted)
    return redirect(url_for("orders.show", order_id=order["id"]), code=303)


def _page(form: PlaceOrderForm, wanted: dict[str, int]) -> Response | str:
    lines, gone = cart.lines_of(wanted)
    if not lines or gone:
        return redirect(url_for("cart.show"))
    total, customer = cart.total_of(lines), calls.read("/v1/customers/me")
    form.lines.data = ",".join(f"{line.product['id']}:{line.quantity}" for line in lines)
    if total:
        form.total.data, form.currency.data = total["amount"], total["currency"]
    return render_template(
        "checkout.html", form=form, lines=lines, total=total, customer=customer, left=_left(customer["credit"], total)
    )


def _left(credit: Json, total: Json | None) -> Json:
    """The credit after the order; negative if it is insufficient."""
    spent = Decimal(total["amount"]) if total else Decimal(0)
    return {**credit, "amount": str(Decimal(credit["amount"]) - spent)}


def _refusal(problem: Problem) -> str:
    if any(name.endswith("product_id") for name in problem.errors):
        return str(_("A product in your cart is no longer available."))
    said = [sentence for messages in problem.errors.values() for sentence in told_of_field(messages)]
    return " ".join(said) or told(problem)


def _back_to_cart(why: str) -> Response:
    flash(why, "error")
    return redirect(url_for("cart.show"), code=303)
