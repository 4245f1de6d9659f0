"""Who may import whom: the contracts of import-linter in pyproject.toml, and what it takes to be pure."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]

# What must run without a framework, a clock or a database: contracts, rules, texts, the fold over a stream's events.
PURE = re.compile(r"shop\.(text|characters)|shop\.contracts(\..+)?|shop\.chassis\.aggregates|\w+_svc\.(domain|saga)")


@pytest.fixture(scope="module")
def packages():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]


def test_the_layers_hold():
    lint_imports = Path(sys.executable).with_name("lint-imports")

    linted = subprocess.run([lint_imports, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True)

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_layers_cover_every_package(packages):
    assert set(packages) == {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "tests", "deploy"}


def test_pure_modules_need_nothing_but_the_standard_library(packages):
    graph = grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)
    at_hand = sys.stdlib_module_names | set(packages)

    impure = {
        f"{module} needs {needed}"
        for module in filter(PURE.fullmatch, graph.modules)
        for needed in graph.find_upstream_modules(module)
        if needed.partition(".")[0] not in at_hand
    }

    assert impure == set()
