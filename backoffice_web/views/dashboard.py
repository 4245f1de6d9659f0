"""The first page: what goes on in the shop today, and what needs somebody's attention."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template

from backoffice_web.charts import revenue_chart, status_chart
from shop.web import calls
from shop.web.formats import beginning_of, today

dashboard = Blueprint("dashboard", __name__)

Json = dict[str, Any]

SHOWN = 8
LOW_STOCK = 5
SECONDS_UNTIL_STUCK = 60


@dashboard.get("/")
def show() -> str:
    now = datetime.now(UTC)
    revenue = calls.read("/v1/revenue", year=now.year)
    counts = calls.read("/v1/orders/counts")
    return render_template(
        "dashboard.html",
        today=calls.read("/v1/orders/counts", placed_from=beginning_of(today())),
        month=revenue["months"][now.month - 1],
        revenue=revenue,
        revenue_chart=revenue_chart(revenue),
        counts=counts,
        status_chart=status_chart(counts),
        latest=calls.read("/v1/orders", limit=SHOWN)["items"],
        low=_low_stock(),
        stuck=_stuck(now),
        letters=calls.read("/v1/dead-letters", limit=SHOWN)["items"],
    )


def _low_stock() -> list[Json]:
    scarce = calls.read("/v1/products", sort="units", limit=SHOWN)["items"]
    return [product for product in scarce if product["units_in_stock"] <= LOW_STOCK]


def _stuck(now: datetime) -> list[Json]:
    """Orders that should have been decided by now."""
    limit = (now - timedelta(seconds=SECONDS_UNTIL_STUCK)).isoformat()
    waiting: list[Json] = calls.read("/v1/orders", status="placed", placed_before=limit, limit=SHOWN)["items"]
    return waiting
