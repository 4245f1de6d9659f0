"""The rooms of the house: allowed imports, pure modules, and how large a room may be."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]

# What must run without a framework, a clock or a database: contracts, rules, texts, the fold over a stream's events.
PURE = re.compile(r"shop\.(text|contracts)(\..+)?|\w+_svc\.(domain|saga)")

NOT_SHIPPED = {"deploy", "tests"}
ROOMS = sorted(path.parent for path in ROOT.glob("shop/*/__init__.py"))
LARGEST_SHARE = 0.25


@pytest.fixture(scope="module")
def packages():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]


def test_the_layers_hold():
    lint_imports = Path(sys.executable).with_name("lint-imports")

    linted = subprocess.run([lint_imports, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True)

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_layers_cover_every_package(packages):
    assert set(packages) == {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_SHIPPED


def test_every_room_has_its_floor(packages):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (house,) = [contract for contract in contracts if contract["type"] == "layers"]

    on_floors = {room for floor in house["layers"] for room in floor.split(" | ")}

    assert on_floors == {*packages} - {"shop"} | {f"shop.{room.name}" for room in ROOMS}


@pytest.mark.parametrize("room", [*ROOMS, ROOT / "shop_cli", ROOT / "tools"], ids=lambda room: room.name)
def test_a_room_says_what_it_imports_and_where_to_start_reading(room):
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))

    [start] = re.findall(r"Start\s+with\s+`([\w/]+\.py)`", docstring)
    assert (room / start).is_file()
    assert re.search(r"^Imports: ", docstring, re.MULTILINE)


def test_no_room_has_more_than_a_quarter_of_the_code(packages):
    rooms = [*ROOMS, *(ROOT / package for package in packages if package != "shop")]
    lines = {room.name: sum(len(path.read_text().splitlines()) for path in room.rglob("*.py")) for room in rooms}

    too_large = {name: count for name, count in lines.items() if count > LARGEST_SHARE * sum(lines.values())}

    assert too_large == {}


def test_the_ground_floor_has_no_loose_modules():
    # The second is a name that configurations of earlier versions have.
    assert {path.name for path in ROOT.glob("shop/*.py")} == {"__init__.py", "chassis.py", "green_threads.py"}


def is_declared_pure(module):
    """Whether the module's docstring says `Pure.`"""
    file = ROOT / f"{module.replace('.', '/')}.py"
    return file.is_file() and re.search(r"\bPure\.", ast.get_docstring(ast.parse(file.read_text())) or "") is not None


def test_pure_modules_need_nothing_but_the_standard_library(packages):
    graph = grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)
    at_hand = sys.stdlib_module_names | set(packages)

    impure = {
        f"{module} needs {needed}"
        for module in graph.modules
        if PURE.fullmatch(module) or is_declared_pure(module)
        for needed in graph.find_upstream_modules(module)
        if needed.partition(".")[0] not in at_hand
    }

    assert impure == set()
