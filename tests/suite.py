"""Runs the suite and tells how it went: `python -m tests.suite test`, or `proof`.

`test` has every test whose outcome does not depend on how fast the machine is. Its parts run side by side, for each
spends some of its time waiting. `proof` has those in `tests/proof` and those marked `proof`; there, one runs after the
other, and their limits are scaled by a yardstick that is measured first.

More arguments are passed on to each pytest. The lines of all stand on one screen, each behind the name of its part; at
the end stand the slowest tests, what was skipped and why, and how to run alone what failed.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.support import reports
from tests.support.chance import SEED
from tests.support.stopwatch import Stopwatch

ROOT = Path(__file__).parents[1]

AT_ONCE = 3
"""More parts would only wait for each other's processors."""

NOTHING_CHOSEN = 5
"""pytest's exit code where its options leave no test over."""


@dataclass(frozen=True)
class Part:
    """One pytest.

    Args:
        places: folders, files and options.
        patient: it leaves the processors to others that want them.
    """

    name: str
    places: Sequence[str]
    patient: bool = False

    def run(self, options: Sequence[str], report: Path) -> bool:
        """Run it and show what it says. Returns whether all of it passed."""
        # No further down: beside two busy programs of others, a niceness of 15 leaves 3 % of a processor.
        nice = ["nice", "-n", "5"] if self.patient else []
        # A cache each: the last to end would write over what the others have noted as failed.
        cache = ["-o", f"cache_dir=.pytest_cache/{self.name}"]
        process = subprocess.Popen(
            [*nice, sys.executable, "-m", "pytest", *cache, *self.places, *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1", reports.VARIABLE: str(report)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in process.stdout or ():
            self.say(line.rstrip())
        return process.wait() in (0, NOTHING_CHOSEN)

    def say(self, line: str) -> None:
        sys.stdout.write(f"{self.name:10} | {line}\n")
        sys.stdout.flush()


@dataclass(frozen=True)
class Suite:
    """The tests that one command runs.

    Args:
        chosen: pytest's expression for the marks of its tests.
        at_once: how many of the parts.
        seed: of everything that is left to chance; None for another one each time.
    """

    chosen: str
    parts: Sequence[Part]
    at_once: int
    seed: int | None


ON_A_BROKER = tuple(
    f"tests/system/test_{subject}.py"
    for subject in ("audit", "backup", "bus_permissions", "on_the_broker", "stories", "stories_of_managers", "up")
)
"""The system's tests that share a shop of many processes."""

TEST = Suite(
    "not proof",
    (
        Part("system", ("tests/system", *(f"--ignore={file}" for file in ON_A_BROKER))),
        Part("broker", ON_A_BROKER),
        Part("component", ("tests/component",)),
        Part("web", ("tests/web",)),
        Part("contract", ("tests/contract",)),
        Part("unit", ("tests/unit",)),
        Part("simulation", ("tests/simulation",), patient=True),
    ),
    AT_ONCE,
    seed=1,
)
"""The part that takes longest comes first."""

PROOF = Suite("proof", (Part("proof", ("tests",)),), at_once=1, seed=None)

SUITES: Mapping[str, Suite] = {"test": TEST, "proof": PROOF}


def run(suite: Suite, options: Sequence[str]) -> bool:
    """Run all parts with these options of pytest, and tell how it went. Returns whether they passed."""
    watch = Stopwatch()
    seed = os.environ.setdefault(SEED, str(random.randrange(10**6) if suite.seed is None else suite.seed))
    given = ["-m", suite.chosen, f"--hypothesis-seed={seed}", *options]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / part.name for part in suite.parts]
        with ThreadPoolExecutor(suite.at_once) as lanes:
            passed = [*lanes.map(lambda part, file: part.run(given, file), suite.parts, files)]
        told = [report for file in files for report in reports.read(file)]
    print("\n".join(reports.summary(told, seed)))
    failed = [part.name for part, has_passed in zip(suite.parts, passed, strict=True) if not has_passed]
    outcome = f"failed: {', '.join(failed)}" if failed else "all passed"
    print(f"{outcome}, in {watch.seconds / 60:.1f} minutes, seed {seed}")
    return not failed


def main(name: str, options: Sequence[str]) -> int:
    """Exit code 1 where something failed."""
    if name == "proof":
        _measure()
    return 0 if run(SUITES[name], options) else 1


def _measure() -> None:
    """Once, for all limits of this run."""
    from tests.proof.support import yardstick

    seconds = yardstick.measure()
    os.environ[yardstick.VARIABLE] = f"{yardstick.scale_of(seconds):.2f}"
    print(yardstick.sentence(seconds), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
