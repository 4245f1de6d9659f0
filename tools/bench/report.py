"""The results, as JSON and as a table."""

import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from tools.bench.goals import verdicts
from tools.bench.measuring import Measured

YARDSTICK = "yardstick, 16"


class Results:
    """Measurements by point, in the order in which points were measured first."""

    def __init__(self) -> None:
        self.by_point: dict[str, list[Measured]] = {}

    def add(self, name: str, measured: Measured) -> None:
        self.by_point.setdefault(name, []).append(measured)


def line_of(measured: Measured) -> str:
    """A short line for the console while the benchmark runs."""
    parts = [f"{measured.rate:.1f}/s"]
    parts += [f"{name} {value:.1f} ms" for name, value in measured.milliseconds.items()]
    parts += [f"CPU {sum(measured.cpu.values()):.2f}"] if measured.cpu else []
    parts += [f"{measured.failed} FAILED"] if measured.failed else []
    return ", ".join(parts)


def write(results: Results, folder: Path, *, minutes: float) -> None:
    """Write `results.json`, `results.md`, and plots if a library for them is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = summary_of(results) | {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "minutes": round(minutes, 1),
        "machine": {
            "cores": os.cpu_count(),
            "python": f"Python {platform.python_version()}",
            "load": os.getloadavg()[0],
        },
    }
    (folder / "results.json").write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
    table = markdown(summary)
    (folder / "results.md").write_text(table, encoding="utf-8")
    print(table)
    try:
        from tools.bench.plots import draw
    except ImportError:
        print("No plots: matplotlib is not installed. `make bench` installs it.")
    else:
        draw(summary, folder)


def summary_of(results: Results) -> dict[str, Any]:
    """Each point with the median, lowest and highest of its rounds, and their ratio to the yardstick."""
    yardstick = results.by_point.get(YARDSTICK, [])
    rate, cpu = _median(m.rate for m in yardstick), _median(_cpu(m) for m in yardstick)
    return {"points": {name: _point(found, rate, cpu) for name, found in results.by_point.items()}}


def _point(found: list[Measured], yard_rate: float, yard_cpu: float) -> dict[str, Any]:
    rates, cpus = [m.rate for m in found], [_cpu(m) for m in found]
    point: dict[str, Any] = {
        "rate": _spread(rates),
        "milliseconds": {name: _spread([m.milliseconds[name] for m in found]) for name in found[0].milliseconds},
        "cpu": _spread(cpus),
        "cpu_by_process": {name: round(_median(m.cpu[name] for m in found), 3) for name in found[0].cpu},
        "disk": _spread([_disk(m) for m in found]),
        "disk_by_process": {name: round(_median(m.disk[name] for m in found), 1) for name in found[0].disk},
        "memory": {name: round(_median(m.memory[name] for m in found), 1) for name in found[0].memory},
        "failed": sum(m.failed for m in found),
        "rounds": [asdict(m) for m in found],
    }
    if yard_rate:
        point["rate_in_yardsticks"] = round(_median(rates) / yard_rate, 3)
    if yard_cpu and any(cpus):
        point["cpu_in_yardsticks"] = round(_median(cpus) / yard_cpu, 2)
    return point


def markdown(summary: dict[str, Any]) -> str:
    """The results as a table."""
    machine = summary["machine"]
    lines = [
        "# Results of the last run",
        "",
        f"Measured in {summary['minutes']} minutes at {summary['at']}: {machine['cores']} cores, {machine['python']}.",
        f"The load at the end was {machine['load']:.0f}; much more than there are cores means that it was shared.",
        "",
        *verdicts(summary["points"]),
        "",
        "Medians of the rounds (least - most). CPU: milliseconds for one, over all processes but the load generator;",
        "where a shop is idle, it is percent of a core. KB: what all write to files for one order.",
        "",
        "| Point | Per second | of the yardstick | p50 | p95 | p99 | CPU ms | of the yardstick | KB | MB | Failed |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, point in summary["points"].items():
        times = [_text(point["milliseconds"].get(key)) for key in ("p50", "p95", "p99")]
        cells = [
            name,
            _text(point["rate"]),
            str(point.get("rate_in_yardsticks", "")),
            *times,
            _text(point["cpu"]) if point["cpu_by_process"] else "",
            str(point.get("cpu_in_yardsticks", "")),
            _text(point["disk"]) if point["disk_by_process"] else "",
            f"{sum(point['memory'].values()):.0f}" if point["memory"] else "",
            str(point["failed"] or ""),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _cpu(measured: Measured) -> float:
    return sum(measured.cpu.values())


def _disk(measured: Measured) -> float:
    return sum(measured.disk.values())


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return statistics.median(found) if found else 0.0


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": round(_median(values), 3), "least": round(min(values), 3), "most": round(max(values), 3)}


def _text(spread: dict[str, float] | None) -> str:
    if not spread:
        return ""
    median, least, most = spread["median"], spread["least"], spread["most"]
    return f"{median:.4g}" if least == most else f"{median:.4g} ({least:.4g} - {most:.4g})"
