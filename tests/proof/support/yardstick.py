"""How long this machine takes for a fixed piece of work, against the machine that the limits were set on.

The work is what a shop does: programs start, JSON is read and written, hashes are chained, SQLite syncs commits to
disk; on two processes at once, as many as the machine of the limits has cores.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.stopwatch import Stopwatch

SECONDS_WHERE_LIMITS_WERE_SET = 2.2
"""The time that `measure` took on two quiet cores."""

VARIABLE = "PROOF_SCALE"
"""The environment variable by which one measurement holds for several pytests."""

PROCESSES = 2
STARTS = 4
LINKS = 100_000
COMMITS = 150
LINE = {"order_id": "5137abe1-bbb2-5e67-83c9-051a9615936e", "quantity": 3, "total": {"amount": 3700, "currency": "EUR"}}


def scale() -> float:
    """By how much limits are longer here; never below 1. As measured before, where the environment says it."""
    known = os.environ.get(VARIABLE)
    return float(known) if known else scale_of(measure())


def scale_of(seconds: float) -> float:
    """The scale where `measure` takes so long."""
    return max(1.0, seconds / SECONDS_WHERE_LIMITS_WERE_SET)


def sentence(seconds: float) -> str:
    """The measurement, for people."""
    known = SECONDS_WHERE_LIMITS_WERE_SET
    return f"Yardstick: {seconds:.1f} s, {known} s where limits were set; limits are times {scale_of(seconds):.2f}."


def measure() -> float:
    """Seconds for the fixed piece of work."""
    program = [sys.executable, "-m", "tests.proof.support.yardstick"]
    watch = Stopwatch()
    processes = [subprocess.Popen(program, cwd=Path(__file__).parents[3]) for _ in range(PROCESSES)]
    codes = [process.wait() for process in processes]
    assert codes == [0] * PROCESSES
    return watch.seconds


def work() -> None:
    """The work of each of the processes."""
    for _ in range(STARTS):
        subprocess.run([sys.executable, "-c", "import argparse, asyncio, json, logging, sqlite3"], check=True)
    _chain()
    with tempfile.TemporaryDirectory() as folder:
        _commit(Path(folder) / "yardstick.db")


def _chain() -> None:
    link = b""
    for number in range(LINKS):
        text = json.dumps(LINE | {"number": number})
        link = hashlib.sha256(link + json.dumps(json.loads(text)).encode()).digest()


def _commit(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE lines (text TEXT)")
    for number in range(COMMITS):
        with database:
            database.execute("INSERT INTO lines VALUES (?)", [json.dumps(LINE | {"number": number})])
    database.close()


if __name__ == "__main__":
    work()
