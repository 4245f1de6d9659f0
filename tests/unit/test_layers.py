"""Who may import whom: the contracts of import-linter in pyproject.toml, and what it takes to be pure."""

import re
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]

# What must run without a framework, a clock or a database: contracts, rules, and the fold over a stream's events.
PURE = re.compile(r"shop\.contracts(\..+)?|shop\.chassis\.aggregates|\w+_svc\.(domain|saga)")


@pytest.fixture(scope="module")
def packages():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]


def test_the_layers_hold():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def test_the_layers_cover_every_package(packages):
    assert set(packages) == {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}


def test_pure_modules_import_the_standard_library_and_each_other_alone(packages):
    graph = grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)

    impure = {
        f"{module} imports {imported}"
        for module in filter(PURE.fullmatch, graph.modules)
        for imported in graph.find_modules_directly_imported_by(module)
        if not PURE.fullmatch(imported) and imported.partition(".")[0] not in sys.stdlib_module_names
    }

    assert impure == set()
