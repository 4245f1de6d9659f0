"""Invoices: by year, each as a page and as a PDF, and all of a year as a downloadable table."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from backoffice_web.listing import page_of
from backoffice_web.tables import csv_file
from shop.web import calls

invoices = Blueprint("invoices", __name__)

PDF = "application/pdf"
NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,9}", re.ASCII)
FIRST_YEAR = 2000


@invoices.get("/invoices")
def list_all() -> str:
    year = year_asked_for()
    page = page_of("/v1/invoices", year=year)
    return render_template("invoices.html", page=page, year=year)


@invoices.get("/invoices/<int:year>.csv")
def export(year: int) -> Response:
    rows = (
        (
            invoice["number"],
            invoice["issued_at"],
            invoice["customer"],
            invoice["order_id"],
            Decimal(invoice["total"]["amount"]),
            Decimal(invoice["tax"]["amount"]),
            Decimal(invoice["tax_percent"]),
            invoice["total"]["currency"],
            invoice["credited_by"] or "",
        )
        for invoice in calls.each("/v1/invoices", year=checked_year(year))
    )
    columns = ("number", "issued_at", "customer", "order_id", "total", "tax", "tax_percent", "currency", "credited_by")
    return csv_file(f"invoices-{year}.csv", columns, rows)


@invoices.get("/invoices/<number>")
def show(number: str) -> str:
    return render_template("invoice.html", invoice=calls.read(f"/v1/invoices/{_checked(number)}"))


@invoices.get("/invoices/<number>.pdf")
def show_pdf(number: str) -> Response:
    reply = calls.fetch(f"/v1/invoices/{_checked(number)}", accept=PDF)
    headers = {"Content-Disposition": f'attachment; filename="{number}.pdf"', "Content-Security-Policy": "sandbox"}
    return Response(reply.body, content_type=reply.content_type, headers=headers)


def year_asked_for() -> int:
    """The year of the address; by default, this year."""
    text = request.args.get("year", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else 0
    this_year = datetime.now(UTC).year
    return asked if FIRST_YEAR <= asked <= this_year else this_year


def checked_year(year: int) -> int:
    """Raises: NotFound, for a year without books."""
    if not FIRST_YEAR <= year <= datetime.now(UTC).year:
        raise NotFound
    return year


def _checked(number: str) -> str:
    """Raises: NotFound, for a number that would form another path of the gateway."""
    if not NUMBER.fullmatch(number):
        raise NotFound
    return number
