"""The targets, for two cores; ratios to the yardstick of the same run unless stated otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Points = dict[str, dict[str, Any]]

ORDERS = "whole orders, 16"
READY = "shop run: ready"
READY_GROWN = f"{READY}, 100,000 orders there"


@dataclass(frozen=True)
class Goal:
    """A target for one figure.

    Args:
        figure: calculates the figure from the points; raises KeyError if they were not measured.
        must, aim: the limits; `at_most`: the figure has to be below them.
    """

    text: str
    figure: Callable[[Points], float]
    must: float
    aim: float
    at_most: bool = False

    def holds(self, figure: float) -> bool:
        return figure <= self.must if self.at_most else figure >= self.must


def goals() -> Sequence[Goal]:
    return (
        Goal("GET a product: rate", lambda p: p["GET product, 16"]["rate_in_yardsticks"], 0.85, 1),
        Goal("whole orders: rate", lambda p: _saturated_orders(p)["rate_in_yardsticks"], 0.25, 0.5),
        Goal(
            "whole order: CPU of all processes",
            lambda p: _saturated_orders(p)["cpu_in_yardsticks"],
            4.5,
            2.5,
            at_most=True,
        ),
        Goal("POST to invoice at 20 orders/s: p50, ms", lambda p: _time(p, "p50"), 40, 20, at_most=True),
        Goal("POST to invoice at 20 orders/s: p95, ms", lambda p: _time(p, "p95"), 80, 40, at_most=True),
        Goal("all on one product: of the spread rate", lambda p: _of(p, "hot product, 16", ORDERS), 0.8, 1),
        Goal("10,000 products: of the rate with 10", lambda p: _grown(p, "10,000 products", "10 products"), 0.9, 1),
        Goal(
            "100,000 orders behind: of the rate with none",
            lambda p: _grown(p, "100,000 orders behind", "no orders behind"),
            0.9,
            1,
        ),
        Goal(
            "two processes of each: of the rate with one",
            lambda p: _of(p, _saturated(p, "two processes each, "), _saturated(p, "one process each, ")),
            0.9,
            1,
        ),
        Goal("rebuild of orders: events/s", lambda p: _rate(p, "rebuild orders"), 5_000, 15_000),
        Goal("rebuild of products: events/s", lambda p: _rate(p, "rebuild products"), 5_000, 15_000),
        Goal("log, batches of 100: commits/s", lambda p: _rate(p, "log: append_many"), 5_000, 20_000),
        Goal(
            "one process: rate of whole orders",
            lambda p: _of(p, "shop run: whole orders, 16", "yardstick beside shop run, 16"),
            0.2,
            0.4,
        ),
        Goal("one process, idle: % of a core", lambda p: p["shop run: idle"]["cpu"]["median"], 3, 1, at_most=True),
        Goal("one process, idle: MB", lambda p: sum(p["shop run: idle"]["memory"].values()), 250, 150, at_most=True),
        Goal("one process: seconds to ready", lambda p: _seconds(p, READY), 10, 3, at_most=True),
        Goal("the same with 100,000 orders there", lambda p: _seconds(p, READY_GROWN), 10, 3, at_most=True),
    )


def verdicts(points: Points) -> list[str]:
    """A table of the targets and the measured figures."""
    lines = ["| Figure | Measured | Must | Aim | |", "|---|--:|--:|--:|---|"]
    for goal in goals():
        try:
            figure = goal.figure(points)
        except KeyError:
            continue
        sign, holds = ("≤" if goal.at_most else "≥"), goal.holds(figure)
        verdict = "holds" if holds else "**not reached**"
        lines.append(f"| {goal.text} | {figure:,.4g} | {sign} {goal.must:,g} | {goal.aim:,g} | {verdict} |")
    return lines


def _rate(points: Points, name: str) -> float:
    rate: float = points[name]["rate"]["median"]
    return rate


def _saturated_orders(points: Points) -> dict[str, Any]:
    return points[_saturated(points, "whole orders, ")]


def _saturated(points: Points, prefix: str) -> str:
    """The point with the highest rate, at any number of clients. Raises: KeyError, without any point."""
    found = [name for name in points if name.startswith(prefix)]
    if not found:
        raise KeyError(prefix)
    return max(found, key=lambda name: _rate(points, name))


def _time(points: Points, percentile: str) -> float:
    milliseconds: float = points["20 orders per second"]["milliseconds"][percentile]["median"]
    return milliseconds


def _of(points: Points, name: str, other: str) -> float:
    return _rate(points, name) / _rate(points, other)


def _grown(points: Points, name: str, other: str) -> float:
    return _of(points, f"{name}: {ORDERS}", f"{other}: {ORDERS}")


def _seconds(points: Points, name: str) -> float:
    milliseconds: float = points[name]["milliseconds"]["p50"]["median"]
    return milliseconds / 1000
