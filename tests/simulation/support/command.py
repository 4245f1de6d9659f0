"""The command that `make simulate` runs, as a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run_simulation(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-W", "ignore", "-m", "tests.simulation", *arguments]
    return subprocess.run(program, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)


def counts_in(told: str) -> dict[str, int]:
    """The numbers of its report by their names."""
    return {name: int(number.replace(",", "")) for name, number in re.findall(r"(\w+) (\d[\d,]*)\b", told)}
