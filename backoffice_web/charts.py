"""Charts as numbers for SVG: position, height and label of each bar."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any

from babel import Locale
from babel.dates import get_month_names
from babel.numbers import format_compact_currency, format_compact_decimal, format_decimal
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from backoffice_web.words import STATUSES
from shop.http.client import Json
from shop.web.formats import number

WIDTH, HEIGHT = 720, 260
TOP, BOTTOM, LEFT = 34, 42, 112
"""Margins for the numbers above the bars, the names below, and the scale."""

GAP = 0.3
"""Share of a bar's slot."""

LINES = 4
"""Approximate number of grid lines."""

ROWS_WIDTH, ROW = 420, 36
NAME_WIDTH, NUMBER_WIDTH = 124, 56


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar, in the chart's own units.

    Args:
        initial: short form of the name for narrow charts.
        text: its value in words.
        middle: centre of its slot, for texts.
    """

    name: str
    initial: str = ""
    text: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class ChartLine:
    """A grid line with its value."""

    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars and their base line.

    Args:
        title: description for screen readers.
        left: start of the bars' slots.
        lines: the scale.
        unit: of the scale.
    """

    title: Any
    width: int
    height: int
    base: float
    bars: Sequence[Bar]
    left: float = 0
    lines: Sequence[ChartLine] = ()
    unit: str = ""


def revenue_chart(revenue: Json) -> Chart:
    """A year's revenue by month; negative revenue extends below the base line."""
    months = [Decimal(month["total"]["amount"]) for month in revenue["months"]]
    highest, lowest = float(max(*months, Decimal(0))), float(min(*months, Decimal(0)))
    scale = (HEIGHT - TOP - BOTTOM) / (highest - lowest or 1)
    base, place = TOP + highest * scale, (WIDTH - LEFT) / len(months)
    names = get_month_names("abbreviated", locale=get_locale())
    initials = get_month_names("narrow", "stand-alone", locale=get_locale())
    bars = [
        Bar(
            name=names[month["month"]],
            initial=initials[month["month"]],
            text=_short(month["total"]) if amount else "",
            x=round(LEFT + place * (index + GAP / 2), 1),
            y=round(base - max(float(amount), 0) * scale, 1),
            width=round(place * (1 - GAP), 1),
            height=round(abs(float(amount)) * scale, 1),
            middle=round(LEFT + place * (index + 0.5), 1),
        )
        for index, (month, amount) in enumerate(zip(revenue["months"], months, strict=True))
    ]
    return Chart(
        title=_l("Revenue per month"),
        width=WIDTH,
        height=HEIGHT,
        base=round(base, 1),
        bars=bars,
        left=LEFT,
        lines=[
            ChartLine(y=round(base - value * scale, 1), text=_compact(value))
            for value in _round_values(lowest, highest)
        ],
        unit=revenue["total"]["currency"],
    )


def status_chart(counts: Json) -> Chart:
    """Orders by status, one row each."""
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


def _round_values(lowest: float, highest: float) -> Sequence[float]:
    """Round numbers between the two, zero among them."""
    if highest == lowest:
        return [0.0]
    least = (highest - lowest) / LINES
    power = 10.0 ** floor(log10(least))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least)
    return [index * step for index in range(ceil(lowest / step), floor(highest / step) + 1)]


def _compact(value: float) -> str:
    """Short form such as 1.2K."""
    return _grouped(format_compact_decimal(round(value, 2), fraction_digits=1, locale=_locale()))


def _short(amount: Json) -> str:
    """Short form such as €1.2K."""
    value = Decimal(amount["amount"])
    # Babel treats the digits as a maximum, and would show some of the cents.
    digits, value = (1, value) if abs(value) >= 1000 else (0, value.quantize(Decimal(1)))
    return _grouped(format_compact_currency(value, amount["currency"], fraction_digits=digits, locale=_locale()))


def _grouped(text: str) -> str:
    """With thousands separators, which Babel omits in languages without a short form."""
    return re.sub(r"\d{4,}", lambda digits: format_decimal(int(digits[0]), locale=_locale()), text)


def _locale() -> Locale:
    return get_locale() or Locale("en", "GB")
