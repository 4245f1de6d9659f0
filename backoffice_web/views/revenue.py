"""Revenue by month and year."""

from datetime import UTC, datetime
from decimal import Decimal

from babel.dates import get_month_names
from flask import Blueprint, Response, render_template
from flask_babel import get_locale

from backoffice_web.charts import revenue_chart
from backoffice_web.tables import csv_file
from backoffice_web.views.invoices import checked_year, year_asked_for
from shop.http.client import Json
from shop.web import calls

revenue = Blueprint("revenue", __name__)

YEARS_COMPARED = 5


@revenue.get("/revenue")
def show() -> str:
    year = year_asked_for()
    found = calls.read("/v1/revenue", year=year)
    return render_template(
        "revenue.html",
        year=year,
        revenue=found,
        chart=revenue_chart(found),
        months=[month for month in found["months"] if _has_books(month)],
        names=get_month_names("wide", locale=get_locale()),
        years=_years(year),
    )


@revenue.get("/revenue/<int:year>.csv")
def export(year: int) -> Response:
    found = calls.read("/v1/revenue", year=checked_year(year))
    totals = [(month, month["total"]) for month in found["months"]]
    rows = [
        (f"{year}-{month['month']:02}", Decimal(total["amount"]), total["currency"], month["invoices"])
        for month, total in totals
    ]
    return csv_file(f"revenue-{year}.csv", ("month", "total", "currency", "invoices"), rows)


def _has_books(month: Json) -> bool:
    """Whether the month has invoices or credit notes."""
    return bool(month["invoices"] or Decimal(month["total"]["amount"]))


def _years(shown: int) -> list[Json]:
    """The latest years with books, newest first, and the year shown in any case."""
    this_year = datetime.now(UTC).year
    wanted = sorted({*range(this_year, this_year - YEARS_COMPARED, -1), shown}, reverse=True)
    found = [calls.read("/v1/revenue", year=year) for year in wanted]
    return [year for year in found if year["year"] == shown or any(map(_has_books, year["months"]))]
