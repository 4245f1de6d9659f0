"""Plots as numbers for SVG: where each bar is, how high, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import get_month_names
from babel.numbers import format_compact_currency, format_currency
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from backoffice_web.words import STATUSES
from shop.web.formats import number

Json = dict[str, Any]

WIDTH, HEIGHT = 720, 260
TOP, BOTTOM = 26, 42
"""Room for the numbers above the bars and for the names below."""

GAP = 0.3
"""Of a bar's place."""

ROWS_WIDTH, ROW = 420, 36
NAME_WIDTH, NUMBER_WIDTH = 104, 56


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar, in the chart's own units. `text`: its value in words; `middle`: of its place, for texts."""

    name: str
    text: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars, and the line that they stand on. `title`: what they show, for those who cannot see them."""

    title: Any
    width: int
    height: int
    base: float
    bars: Sequence[Bar]


def revenue_chart(revenue: Json) -> Chart:
    """A year's revenue by month; more credited than invoiced hangs below the line."""
    months = [Decimal(month["total"]["amount"]) for month in revenue["months"]]
    highest, lowest = max(*months, Decimal(0)), min(*months, Decimal(0))
    scale = (HEIGHT - TOP - BOTTOM) / float(highest - lowest or 1)
    base, place = TOP + float(highest) * scale, WIDTH / len(months)
    names = get_month_names("abbreviated", locale=get_locale())
    bars = [
        Bar(
            name=names[month["month"]],
            text=_short(month["total"]) if amount else "",
            x=round(place * (index + GAP / 2), 1),
            y=round(base - max(float(amount), 0) * scale, 1),
            width=round(place * (1 - GAP), 1),
            height=round(abs(float(amount)) * scale, 1),
            middle=round(place * (index + 0.5), 1),
        )
        for index, (month, amount) in enumerate(zip(revenue["months"], months, strict=True))
    ]
    return Chart(title=_l("Revenue per month"), width=WIDTH, height=HEIGHT, base=round(base, 1), bars=bars)


def status_chart(counts: Json) -> Chart:
    """Orders by status, a row for each."""
    most = max(*counts.values(), 1)
    room = ROWS_WIDTH - NAME_WIDTH - NUMBER_WIDTH
    bars = [
        Bar(
            name=str(STATUSES[status]),
            text=number(counts[status]),
            x=NAME_WIDTH,
            y=index * ROW + 6,
            width=round(room * counts[status] / most, 1),
            height=ROW - 12,
            middle=index * ROW + ROW / 2,
            kind=status,
        )
        for index, status in enumerate(STATUSES)
    ]
    return Chart(title=_l("Orders by status"), width=ROWS_WIDTH, height=ROW * len(bars), base=NAME_WIDTH, bars=bars)


def _short(amount: Json) -> str:
    """Such as €1.2K, for there is little room."""
    value, currency = Decimal(amount["amount"]), amount["currency"]
    locale = get_locale() or "en_GB"
    if abs(value) < 1000:
        return format_currency(value, currency, "¤#,##0", currency_digits=False, locale=locale)
    return format_compact_currency(value, currency, fraction_digits=1, locale=locale)
