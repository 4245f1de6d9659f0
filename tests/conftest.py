"""The foundation of every test: green threads, an end to every wait, no quiet skips."""

import eventlet

eventlet.monkey_patch()

import logging
import os
import signal
from collections.abc import Generator
from typing import TypeVar

import greenlet
import pytest
import pytest_timeout
import structlog
from hypothesis import settings

from tests.support import reports
from tests.support.reports import reason_of
from tests.support.waiting import TEST_LIMIT

pytest_plugins = ["pytester", "tests.servers.fixtures"]

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

SECONDS = pytest.StashKey[float]()
WAITING = pytest.StashKey[eventlet.Timeout]()  # noqa: TID251 - it is what ends tests
GRACE = 1.0  # seconds that a test's waiting has to end by itself before whatever runs is interrupted

IN_CI = os.environ.get("CI", "").lower() == "true"

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "local")

# They tell of every frame and lock; a failing test shows what the shop itself logged.
for chatty in ("amqp", "kombu", "nameko", "urllib3"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

# Of the services in the test's own process. The default draws each traceback as a picture, which takes seconds.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give every test the same limit, and note the outcomes for a suite that runs several pytests."""
    if config.option.timeout is None:
        config.option.timeout = TEST_LIMIT
    reports.note_outcomes(config)


@pytest.fixture(autouse=True)
def fast_teardown():
    """Takes the place of Nameko's, which stops every consumer that a test started, also those meant to outlive it."""


def pytest_timeout_set_timer(item: pytest.Item, settings: pytest_timeout.Settings) -> bool:
    """End a test that waits for ever, and one that computes for ever without letting others run.

    pytest-timeout's own ways do not: it takes the patched main thread for another one, and threads here are green.
    """
    item.stash[SECONDS] = settings.timeout
    start_timer(item)
    return True


def pytest_timeout_cancel_timer(item: pytest.Item | pytest.Collector) -> bool:
    stop_timer(item)
    return True


def start_timer(item: pytest.Item) -> None:
    seconds = item.stash[SECONDS]
    failure = pytest.fail.Exception(f"Timeout: not done after {seconds} s")
    item.stash[WAITING] = eventlet.Timeout(seconds, failure)  # noqa: TID251 - it is what ends tests
    signal.signal(signal.SIGALRM, lambda *_: interrupt(failure))
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)


def stop_timer(item: pytest.Item | pytest.Collector) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    if WAITING in item.stash:  # it is not where a module could not be imported
        item.stash[WAITING].cancel()


def interrupt(failure: BaseException) -> None:
    """Raise the failure in whatever runs, unless that is eventlet's loop: then nobody is in its way."""
    if greenlet.getcurrent() is not eventlet.hubs.get_hub().greenlet:
        raise failure


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Set-up, call and teardown have the whole limit each; the reports between them take what they take."""
    stop_timer(item)
    report = yield
    if SECONDS in item.stash and call.when != "teardown":
        start_timer(item)
    return fail_if_ci_lacks_what_it_needs(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return fail_if_ci_lacks_what_it_needs((yield))


def fail_if_ci_lacks_what_it_needs(report: Report) -> Report:
    """Turn a skip for "needs <something>" into a failure where CI=true: there, everything has to be present."""
    reason = reason_of(report)
    if IN_CI and reason.startswith("needs "):
        report.outcome = "failed"
        report.longrepr = f"CI lacks what this test {reason}"
    return report
