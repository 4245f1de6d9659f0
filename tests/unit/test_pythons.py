"""Which Pythons `make pythons` tests on, and what it says where it cannot."""

import os
import subprocess
import sys

import pytest

from tests.pythons import ROOT, supported, usual


@pytest.mark.parametrize(
    ("running", "tested"),
    [("3.11", ["3.14"]), ("3.12", ["3.11", "3.14"]), ("3.14", ["3.11"])],
)
def test_the_oldest_and_the_newest_are_tested_but_not_the_one_that_all_tests_run_on(running, tested):
    assert (supported()[0], supported()[-1]) == ("3.11", "3.14")
    assert usual(running) == tested


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_python_that_cannot_be_had_is_named_and_missed_in_ci(ci, code):
    done = subprocess.run(
        [sys.executable, "-m", "tests.pythons", "3.99"],
        cwd=ROOT,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
    )

    assert "Python 3.99: not tested: it is not on this machine, and no release of Debian has it\n" in done.stdout
    assert done.returncode == code
