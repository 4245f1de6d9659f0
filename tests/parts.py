"""Runs the parts of the suite side by side, for each spends much of its time waiting: `python -m tests.parts`.

Arguments are passed on to each part's pytest. The lines of all stand on one screen, each behind the name of its part.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]

FAULTS = (
    "tests/system/test_failpoints.py",
    "tests/system/test_kill_9.py",
    "tests/system/test_loss_of_read_databases.py",
    "tests/system/test_outages.py",
    "tests/system/test_up.py",
)
"""Those of the system's tests that have shops of their own, and take longest."""

AWAY = ("tests/system/test_chaos.py", "tests/system/test_no_hang.py")
"""More of them, to run beside the others."""

BY_ITSELF = ("tests/system/test_overload.py",)
"""How long something takes is told here, so nothing else may run meanwhile."""

PARTS: Mapping[str, Sequence[str]] = {
    "faults": FAULTS,
    "system": ("tests/system", *(f"--ignore={file}" for file in (*FAULTS, *AWAY, *BY_ITSELF))),
    "away": AWAY,
    "component": ("tests/component",),
    "web": ("tests/web",),
    "contract": ("tests/contract",),
    "unit": ("tests/unit",),
}
"""What runs together in one pytest: folders, files and options. The longest comes first."""

BESIDE: Mapping[str, Sequence[str]] = {"simulation": ("tests/simulation",)}
"""What computes all the time and has a clock of its own: it gets the processors while all others wait for something."""

LAST: Mapping[str, Sequence[str]] = {"load": BY_ITSELF}
"""What runs when all of that is done."""

AT_ONCE = 3
"""More would wait for each other's processors, and lose to the clock what they win."""

NOTHING_CHOSEN = 5
"""What pytest ends with where its options leave no test over."""


class Part:
    """One pytest.

    Args:
        patient: it leaves the processors to others that want them.
    """

    def __init__(self, name: str, places: Sequence[str], options: Sequence[str], *, patient: bool = False) -> None:
        self.name = name
        self.last_line = ""
        # A cache each: the last to end would write over what the others have noted as failed.
        cache = f"cache_dir=.pytest_cache/{name}"
        nice = ["nice", "-n", "15"] if patient else []
        self._command = [*nice, sys.executable, "-m", "pytest", "-o", cache, *places, *options]

    def run(self) -> bool:
        """Run it and show what it says. Returns whether all of it passed."""
        process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in process.stdout or ():
            self.last_line = line.strip("=\n ") or self.last_line
            self.say(line.rstrip())
        return process.wait() in (0, NOTHING_CHOSEN)

    def say(self, line: str) -> None:
        sys.stdout.write(f"{self.name:10} | {line}\n")
        sys.stdout.flush()


def run(options: Sequence[str]) -> bool:
    """Run all parts with these options of pytest. Returns whether they passed."""
    beside = [Part(name, places, options, patient=True) for name, places in BESIDE.items()]
    parts = [Part(name, places, options) for name, places in PARTS.items()]
    last = [Part(name, places, options) for name, places in LAST.items()]
    with ThreadPoolExecutor(len(beside)) as background, ThreadPoolExecutor(AT_ONCE) as foreground:
        running = background.map(Part.run, beside), foreground.map(Part.run, parts)
        passed = [*running[0], *running[1]]
    passed += map(Part.run, last)
    for part in [*parts, *beside, *last]:
        part.say(part.last_line)
    return all(passed)


if __name__ == "__main__":
    sys.exit(0 if run(sys.argv[1:]) else 1)
