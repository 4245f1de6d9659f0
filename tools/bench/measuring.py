"""One measurement: a load on a system, its rates, latencies and resources."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tools.bench.machine import cpu_seconds, kilobytes_written, resident_megabytes
from tools.bench.systems import System
from tools.load.tally import percentile

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Load:
    """Requests to make: GETs of random paths among these; without paths, orders.

    Args:
        clients: in a closed loop.
        rate: requests per second in an open loop; 0 for a closed one.
    """

    seconds: float
    clients: int = 16
    rate: float = 0.0
    paths: Sequence[str] = ()
    token: str = ""
    products: Sequence[str] = ()
    tokens: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The result of a measurement.

    Args:
        rate: per second.
        milliseconds: by percentile.
        cpu: processor milliseconds per request, by process.
        memory: megabytes resident, by process.
        disk: kilobytes written per request, by process.
        failed: number of requests or orders that failed.
    """

    rate: float
    milliseconds: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    disk: dict[str, float] = field(default_factory=dict)
    number: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Usage:
    """Resources used, by process: processor milliseconds, and kilobytes written to files."""

    cpu: dict[str, float]
    disk: dict[str, float]

    @classmethod
    def so_far(cls, system: System) -> "Usage":
        cpu = {name: 1000 * seconds for name, seconds in cpu_seconds(system.processes).items()}
        return cls(cpu, kilobytes_written(system.processes))

    @classmethod
    def since(cls, before: "Usage", system: System, number: int = 1) -> "Usage":
        """Usage since `before`, divided by `number`."""
        now = cls.so_far(system)
        return cls(_for_each(before.cpu, now.cpu, number), _for_each(before.disk, now.disk, number))


def _for_each(before: dict[str, float], now: dict[str, float], number: int) -> dict[str, float]:
    return {name: (now[name] - before[name]) / max(number, 1) for name in now}


def measure(system: System, load: Load) -> Measured:
    """Latency and rate of requests, from sending to the answer."""
    before = Usage.so_far(system)
    answer = shoot(system, load)
    number = len(answer["seconds"])
    used = Usage.since(before, system, number)
    return Measured(
        rate=answer["rate"],
        milliseconds=percentiles(answer["seconds"]),
        cpu=used.cpu,
        memory=resident_megabytes(system.processes),
        number=number,
        failed=number - sum(answer["statuses"].get(good, 0) for good in ("200", "202")),
    )


def shoot(system: System, load: Load) -> dict[str, Any]:
    """Make the requests in the load process; `{seconds, rate, statuses}`."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tools.bench.load_process"],
        cwd=ROOT,
        input=orjson.dumps({"url": system.url, **asdict(load)}),
        capture_output=True,
        check=True,
        timeout=load.seconds + 120,
    )
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}": round(1000 * percentile(seconds, percent), 2) for percent in (50, 95, 99)}


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time. Polls slowly, so that the benchmark adds no load."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
