"""Rules of this repository that a machine can check."""

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = "shop", "shop_cli", "tools", "*_svc", "*_web"
CODE = sorted(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/**/*.py"))
SERVICES = sorted(path.parent for path in ROOT.glob("*_svc/__init__.py"))
LOCKS = [*sorted(ROOT.glob("requirements*.lock")), ROOT / "tests/servers/secantusdb.lock"]
LONGEST_FILE = 300
CATALOGUE = "shop/contracts/events.py"  # looked up, not read through
# Schemas and forms are called what they describe: the API shows their names.
DESCRIPTIONS = {"gateway_svc/shapes.py", "gateway_svc/schemas.py", "backoffice_web/forms.py"}
GRID = {"service", "domain", "store", "schemas"}
# The gateway has neither rules nor a database.
GRID_OF = {"gateway_svc": {"service"}}


def relative(path):
    return str(path.relative_to(ROOT))


def tracked_texts():
    """Path and text of every file in the repository that is text."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listing.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content:
            yield name, content.decode()


def test_no_file_is_too_long_to_read_in_one_go():
    lengths = {relative(path): len(path.read_text().splitlines()) for path in CODE}

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}.keys() <= {CATALOGUE}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_whoever_knows_one_service_knows_all(service):
    expected = GRID_OF.get(service.name, GRID)

    assert expected - {path.stem for path in service.iterdir()} == set()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_importing_a_service_package_does_no_work(service):
    statements = ast.parse((service / "__init__.py").read_text()).body

    assert [type(statement) for statement in statements] == [ast.Expr], "a docstring and nothing else"


def test_a_public_class_name_occurs_once():
    places = defaultdict(list)
    for path in CODE:
        if relative(path) not in DESCRIPTIONS:
            for statement in ast.parse(path.read_text()).body:
                if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
                    places[statement.name].append(relative(path))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash_and_no_pin_an_address(lock):
    text = lock.read_text()
    pins = re.findall(r"^[a-z0-9][^\n]*(?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)*", text, re.MULTILINE)

    assert len(pins) >= 10
    assert [pin for pin in pins if "==" not in pin or "--hash" not in pin] == []
    assert re.findall(r"^-.*|.*://.*|.* @ .*", text, re.MULTILINE) == []


def test_what_runs_in_production_is_what_was_tested():
    runtime, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )

    assert runtime - dev == set()


def test_no_file_knows_the_machine_it_was_written_on():
    home = re.compile(r"(?<![\w.])/(?:home|Users|root)/\w+")

    assert [(name, found[0]) for name, text in tracked_texts() if (found := home.findall(text))] == []


def test_links_between_documents_lead_somewhere():
    link = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)")
    documents = ((ROOT / name, text) for name, text in tracked_texts() if name.endswith(".md"))

    dead = [
        (relative(path), to) for path, text in documents for to in link.findall(text) if not (path.parent / to).exists()
    ]

    assert dead == []


def test_the_changelog_has_a_place_for_the_next_change():
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()
