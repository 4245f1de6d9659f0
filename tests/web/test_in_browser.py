"""Runs the tests in `browser/`, each file in a process without eventlet's patches, and tells what came of each test."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
BROWSER_TESTS = Path(__file__).parent / "browser"
CHROMIUM = Path("/usr/bin/chromium")
SECONDS = 600
"""For the tests of one file, also where others use the machine."""

pytestmark = [
    pytest.mark.timeout(SECONDS + 30),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium (apt-get install chromium)"),
]


def names_in(file):
    functions = (node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


TESTS = [(file.name, name) for file in sorted(BROWSER_TESTS.glob("test_*.py")) for name in names_in(file)]


@pytest.fixture(scope="session")
def outcomes(request, web_shop, tmp_path_factory):
    """By file: what came of each test that was asked for, `{name: [failure, …]}`."""
    wanted = [item.callspec.params for item in request.session.items if "outcomes" in item.fixturenames]
    websites = {name: f"http://{address}" for name, address in web_shop.installation.websites.items()}
    folder = tmp_path_factory.mktemp("browser")

    @cache
    def run(file):
        report = folder / f"{file}.xml"
        names = [one["name"] for one in wanted if one["file"] == file]
        environment = {"GATEWAY_URL": web_shop.url, "CHROMIUM": str(CHROMIUM), "PICTURES": str(folder), **websites}
        finished = pytest_alone([f"{BROWSER_TESTS / file}::{name}" for name in names], report, environment)
        assert report.exists(), finished.stdout + finished.stderr
        return read(report)

    return run


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[f"{file.removesuffix('.py')}-{name}" for file, name in TESTS])
def test_in_the_browser(outcomes, file, name):
    found = outcomes(file)

    assert name in found, f"it did not run; there are {sorted(found)}"
    if failures := [failure for failure in found[name] if failure]:
        pytest.fail("\n".join(failures), pytrace=False)


def pytest_alone(tests, report, environment):
    """pytest without the conftest.py above, which patches."""
    command = [sys.executable, "-m", "pytest", "-q", f"--confcutdir={BROWSER_TESTS}", f"--junitxml={report}", *tests]
    options = ["-p", "no:pytest_nameko", "-p", "no:cacheprovider", "-o", "junit_logging=no", f"--rootdir={ROOT}"]
    return subprocess.run(
        [*command, *options], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=SECONDS
    )


def read(report):
    """What came of each test: a text for each failure, and for each case that passed an empty one."""
    found = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        troubles = [trouble for kind in ("failure", "error", "skipped") for trouble in case.findall(kind)]
        texts = [f"{case.get('name')}: {trouble.get('message')}\n{trouble.text or ''}" for trouble in troubles]
        found.setdefault(case.get("name", "").partition("[")[0], []).extend(texts or [""])
    return found
