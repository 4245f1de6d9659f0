"""The dashboard: today's activity, and matters that need attention."""

from datetime import UTC, datetime

from flask import Blueprint, render_template

from backoffice_web.attention import what_needs_attention
from backoffice_web.charts import revenue_chart, status_chart
from shop.web import calls
from shop.web.formats import beginning_of, today

dashboard = Blueprint("dashboard", __name__)

LATEST = 8


@dashboard.get("/")
def show() -> str:
    now, day = datetime.now(UTC), today()
    revenue = calls.read("/v1/revenue", year=now.year)
    counts = calls.read("/v1/orders/counts")
    return render_template(
        "dashboard.html",
        day=day.isoformat(),
        today=calls.read("/v1/orders/counts", placed_from=beginning_of(day)),
        month=revenue["months"][now.month - 1],
        revenue=revenue,
        revenue_chart=revenue_chart(revenue),
        counts=counts,
        status_chart=status_chart(counts),
        latest=calls.read("/v1/orders", limit=LATEST)["items"],
        attention=what_needs_attention(now),
    )
