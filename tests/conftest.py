"""What every test stands on: green threads, warnings as errors, no quiet skips."""

import eventlet

eventlet.monkey_patch()

import logging
import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

IN_CI = os.environ.get("CI", "").lower() == "true"

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "local")

# They tell of every frame and lock; a failing test shows what the shop itself logged.
for chatty in ("amqp", "kombu", "nameko", "urllib3"):
    logging.getLogger(chatty).setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def fast_teardown():
    """Takes the place of Nameko's, which stops every consumer that a test started, also those meant to outlive it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return fail_if_ci_lacks_what_it_needs((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return fail_if_ci_lacks_what_it_needs((yield))


def fail_if_ci_lacks_what_it_needs(report: Report) -> Report:
    """Turn a skip for "needs <something>" into a failure where CI=true: there, everything has to be present."""
    reason = skip_reason(report)
    if IN_CI and reason.startswith("needs "):
        report.outcome = "failed"
        report.longrepr = f"CI lacks what this test {reason}"
    return report


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why the test was skipped; empty if it was not, or was expected to fail."""
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return ""
    return report.longrepr[2].removeprefix("Skipped: ")
