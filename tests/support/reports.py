"""The outcome of each test, gathered over several pytests: a plugin that notes it, and a summary for people."""

import json
import os
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.support.chance import SEED

VARIABLE = "TESTS_REPORT"
"""The environment variable with the file to note it in."""

SLOWEST = 10


@dataclass(frozen=True)
class Outcome:
    """Of one test's set-up, call or tear-down, or of collecting a file.

    Args:
        test: pytest's id.
        outcome: passed, failed or skipped.
        reason: why it was skipped.
    """

    test: str
    outcome: str
    seconds: float = 0.0
    reason: str = ""


class Notes:
    """The plugin: one line of JSON for each outcome."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(Outcome(report.nodeid, report.outcome, report.duration, reason_of(report)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self._note(Outcome(report.nodeid, report.outcome, reason=reason_of(report)))

    def _note(self, outcome: Outcome) -> None:
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(f"{json.dumps(asdict(outcome))}\n")


def note_outcomes(config: pytest.Config) -> None:
    """Where the environment names a file, note them there."""
    # Taken away: a pytest that a test starts is none of the suite's.
    if file := os.environ.pop(VARIABLE, None):
        config.pluginmanager.register(Notes(Path(file)), "notes of outcomes")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why the test was skipped; empty if it was not, or was expected to fail."""
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return ""
    return report.longrepr[2].removeprefix("Skipped: ")


def read(file: Path) -> Iterator[Outcome]:
    """All that was noted; nothing, where a pytest did not come so far."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Outcome(**json.loads(line))


def summary(outcomes: Iterable[Outcome], seed: str) -> Iterator[str]:
    """The slowest tests, what was skipped and why, and how to run alone what failed."""
    outcomes = list(outcomes)
    tests = {outcome.test for outcome in outcomes}
    yield f"\n{len(tests):,} tests. The slowest:"
    yield from (f"{seconds:8.1f} s  {test}" for test, seconds in _slowest(outcomes))
    yield from _skipped(outcomes)
    yield from _failed(outcomes, seed)


def _slowest(outcomes: Sequence[Outcome]) -> list[tuple[str, float]]:
    """With their set-up and tear-down."""
    seconds: dict[str, float] = defaultdict(float)
    for outcome in outcomes:
        seconds[outcome.test] += outcome.seconds
    return sorted(seconds.items(), key=lambda item: -item[1])[:SLOWEST]


def _skipped(outcomes: Sequence[Outcome]) -> Iterator[str]:
    tests: dict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.outcome == "skipped":
            tests[outcome.reason or "expected to fail"].append(outcome.test)
    if not tests:
        yield "Nothing was skipped."
    for reason, skipped in sorted(tests.items()):
        yield f"Skipped, {reason}: {len(skipped)}, such as {skipped[0]}"


def _failed(outcomes: Sequence[Outcome], seed: str) -> Iterator[str]:
    failed = dict.fromkeys(outcome.test for outcome in outcomes if outcome.outcome == "failed")
    for test in failed:
        yield f"FAILED {test}"
        yield f"       alone: make tests {alone(test, seed)}"


def alone(test: str, seed: str) -> str:
    """The arguments of `make tests` that run this test as it ran here."""
    arguments = f"{shlex.quote(test)} --hypothesis-seed={seed}"
    quoted = shlex.quote(arguments) if set('"$`\\!') & set(arguments) else f'"{arguments}"'
    return f"{SEED}={seed} ARGS={quoted}"
