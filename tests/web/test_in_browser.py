"""Runs the tests in `browser/` in a process without eventlet's patches, and tells what came of each test."""

import ast
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.waiting import wait_for_exit, wait_until
from tests.web.browser.support import reports
from tests.web.browser.support.reports import Outcome, Test

ROOT = Path(__file__).parents[2]
BROWSER_TESTS = Path(__file__).parent / "browser"
CHROMIUM = Path("/usr/bin/chromium")

WITHOUT_PATCHES = ("-p", "no:pytest_nameko", "-p", "no:cacheprovider")
"""As is the conftest.py above, Nameko's plugin is left out: both patch."""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium (apt-get install chromium)")


def names_in(file):
    functions = (node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


TESTS = [(file.name, name) for file in sorted(BROWSER_TESTS.glob("test_*.py")) for name in names_in(file)]


class BrowserTests:
    """The process that runs those that were asked for: one browser for all of them.

    Args:
        folder: of its report, and of what it prints.
        environment: where the shop is.
    """

    def __init__(self, tests: Sequence[Test], folder: Path, environment: dict[str, str]) -> None:
        self._report, self._printed = folder / "report", folder / "printed"
        wanted = [f"{BROWSER_TESTS / file}::{name}" for file, name in tests]
        options = [f"--confcutdir={BROWSER_TESTS}", f"--rootdir={ROOT}", *WITHOUT_PATCHES]
        with self._printed.open("wb") as printed:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest", "-q", *options, *wanted],
                cwd=ROOT, env=os.environ | environment | {reports.VARIABLE: str(self._report)},
                stdout=printed, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def outcome(self, test: Test) -> Outcome:
        """Of a test with all its cases; waits for it."""

        def known() -> Outcome | None:
            has_ended = self._process.poll() is not None
            outcome = reports.read(self._report).get(test)
            assert not has_ended or (outcome and outcome.done), f"it did not run:\n{self._printed.read_text()}"
            return outcome if outcome and outcome.done else None

        return wait_until(known, "a test in the browser")

    def end(self) -> None:
        wait_for_exit(self._process, "the tests in the browser")


@pytest.fixture(scope="session")
def browser_tests(request, web_shop, tmp_path_factory):
    params = [item.callspec.params for item in request.session.items if "browser_tests" in item.fixturenames]
    folder = tmp_path_factory.mktemp("browser")
    websites = {name: f"http://{address}" for name, address in web_shop.installation.websites.items()}
    environment = {"GATEWAY_URL": web_shop.url, "CHROMIUM": str(CHROMIUM), "PICTURES": str(folder), **websites}
    running = BrowserTests([(one["file"], one["name"]) for one in params], folder, environment)
    yield running
    running.end()


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[f"{file.removesuffix('.py')}-{name}" for file, name in TESTS])
def test_in_the_browser(browser_tests, file, name):
    outcome = browser_tests.outcome((file, name))

    assert outcome.troubles, "it has no case that ran"
    if troubles := [trouble for trouble in outcome.troubles if trouble]:
        pytest.fail("\n".join(troubles), pytrace=False)
