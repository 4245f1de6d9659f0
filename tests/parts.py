"""Runs the parts of the suite side by side, for each spends much of its time waiting: `python -m tests.parts`.

Arguments are passed on to each part's pytest. The lines of all stand on one screen, each behind the name of its part.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
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

PARTS: Mapping[str, Sequence[str]] = {
    "alone": ("tests/unit", "tests/contract", "tests/component"),
    "faults": FAULTS,
    "system": ("tests/system", *(f"--ignore={file}" for file in FAULTS)),
    "web": ("tests/web",),
    "simulation": ("tests/simulation",),
}
"""What runs together in one pytest, about as long as the others: folders, files and options."""

NOTHING_CHOSEN = 5
"""What pytest ends with where its options leave no test over."""


class Part:
    """One pytest, from its start on."""

    def __init__(self, name: str, folders: Sequence[str], options: Sequence[str]) -> None:
        self.name = name
        self.last_line = ""
        self._process = subprocess.Popen(
            # A cache each: the last to end would write over what the others have noted as failed.
            [sys.executable, "-m", "pytest", "-o", f"cache_dir=.pytest_cache/{name}", *folders, *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._telling = threading.Thread(target=self._tell)
        self._telling.start()

    def wait(self) -> bool:
        """Whether all of it passed."""
        code = self._process.wait()
        self._telling.join()
        return code in (0, NOTHING_CHOSEN)

    def _tell(self) -> None:
        for line in self._process.stdout or ():
            self.last_line = line.strip("=\n ") or self.last_line
            _say(f"{self.name:10} | {line.rstrip()}")


def run(options: Sequence[str]) -> bool:
    """Run all parts with these options of pytest. Returns whether they passed."""
    parts = [Part(name, folders, options) for name, folders in PARTS.items()]
    passed = [part.wait() for part in parts]
    for part in parts:
        _say(f"{part.name:10} | {part.last_line}")
    return all(passed)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(0 if run(sys.argv[1:]) else 1)
