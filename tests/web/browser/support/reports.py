"""The outcomes of the tests in the browser, as the process that runs them tells the one that asked for them."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "BROWSER_REPORT"
"""In the environment: the file that is written to, one line for each thing that happened."""

Test = tuple[str, str]
"""The name of a file, and of a function in it."""


@dataclass
class Outcome:
    """The outcome of a test so far: a text for each case that went wrong, and for each that passed an empty one."""

    troubles: list[str] = field(default_factory=list)
    done: bool = False


def test_of(item: pytest.Item) -> Test:
    return item.path.name, getattr(item, "originalname", item.name)


def note(test: Test, **told: Any) -> None:
    if VARIABLE not in os.environ:
        return  # nobody has asked
    with Path(os.environ[VARIABLE]).open("a", encoding="utf-8") as report:
        report.write(json.dumps({"test": test, **told}) + "\n")


def read(report: Path) -> dict[Test, Outcome]:
    """The outcomes that are known by now. A line that is being written counts when it is whole."""
    found: dict[Test, Outcome] = {}
    text = report.read_text(encoding="utf-8") if report.exists() else ""
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        told = json.loads(line)
        outcome = found.setdefault(tuple(told["test"]), Outcome())
        outcome.done |= told.get("done", False)
        if "trouble" in told:
            outcome.troubles.append(told["trouble"])
    return found
