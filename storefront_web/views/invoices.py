"""Invoices, as a printable page and as a PDF."""

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from shop.web import calls
from shop.web.visitor import login_required

invoices = Blueprint("invoices", __name__)

PDF = "application/pdf"


@invoices.get("/invoices/<number>")
@login_required
def show(number: str) -> str:
    return render_template("invoice.html", invoice=calls.read(f"/v1/invoices/{_checked(number)}"))


@invoices.get("/invoices/<number>.pdf")
@login_required
def show_pdf(number: str) -> Response:
    reply = calls.fetch(f"/v1/invoices/{_checked(number)}", accept=PDF)
    if reply.content_type != PDF:
        raise NotFound
    return Response(
        reply.body,
        content_type=PDF,
        headers={"Content-Disposition": f'attachment; filename="{number}.pdf"', "Content-Security-Policy": "sandbox"},
    )


def _checked(number: str) -> str:
    """Raises: NotFound, for a number that would form another path of the gateway."""
    if not number.isascii() or not number.replace("-", "").isalnum():
        raise NotFound
    return number
