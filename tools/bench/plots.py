"""Plots of the results."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "the same picture for the same numbers"

from matplotlib import pyplot

CPU_POINT = "whole orders, 16"
YARDSTICK = "yardstick, 16"


def draw(summary: dict[str, Any], folder: Path) -> None:
    """`rates.svg` and `cpu.svg`."""
    points = summary["points"]
    _rates({name: point for name, point in points.items() if point.get("rate_in_yardsticks")}, folder / "rates.svg")
    if CPU_POINT in points and YARDSTICK in points:
        _cpu(points[CPU_POINT]["cpu_by_process"], points[YARDSTICK]["cpu"]["median"], folder / "cpu.svg")


def _rates(points: dict[str, Any], file: Path) -> None:
    """Rate of each point, with the lowest and the highest of its rounds."""
    chosen = {name: point["rate"] for name, point in points.items() if name.endswith(", 16")}
    figure, axes = pyplot.subplots(figsize=(9, 0.4 * len(chosen) + 1.2), layout="constrained")
    medians = [rate["median"] for rate in chosen.values()]
    spread = [[rate["median"] - rate["least"] for rate in chosen.values()],
              [rate["most"] - rate["median"] for rate in chosen.values()]]  # fmt: skip
    bars = axes.barh(list(chosen), medians, xerr=spread, color="#4c8c6b", ecolor="#555555")
    axes.bar_label(bars, [f"{median:.0f}" for median in medians], padding=6)
    axes.set_xlabel("per second, 16 clients")
    _save(figure, axes, file)


def _cpu(by_process: dict[str, float], yardstick: float, file: Path) -> None:
    """Processor time of a whole order, by process."""
    figure, axes = pyplot.subplots(figsize=(9, 4), layout="constrained")
    ordered = dict(sorted(by_process.items(), key=lambda item: -item[1]))
    bars = axes.barh(list(ordered), list(ordered.values()), color="#3f6fa3")
    axes.bar_label(bars, [f"{value:.2f}" for value in ordered.values()], padding=4)
    axes.axvline(yardstick, color="#b3541e", linestyle="--", label=f"a request to the yardstick: {yardstick:.2f} ms")
    axes.set_xlabel("milliseconds of processor time for each whole order")
    axes.legend(frameon=False)
    _save(figure, axes, file)


def _save(figure: Any, axes: Any, file: Path) -> None:
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)
