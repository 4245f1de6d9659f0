"""Statements of the documents about the code, as far as a machine can check them."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from shop.service.settings import DEFAULTS
from shop_cli.commands import COMMANDS, TOOLS

ROOT = Path(__file__).parents[2]
DOCS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
PLACE = re.compile(r"`([\w/]+\.py):([A-Za-z_][\w.]*)`")
FILE = re.compile(r"`((?:shop|shop_cli|tools|tests|docs|\w+_svc|\w+_web)/[\w./]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)


def name_of(path):
    return str(path.relative_to(ROOT))


@cache
def names_in(path):
    """Everything that is defined in a module, methods as `Class.method`."""
    return set(_names(ast.parse(path.read_text()).body, ""))


def _names(statements, prefix):
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + statement.name
        if isinstance(statement, ast.ClassDef):
            yield from _names(statement.body, f"{prefix}{statement.name}.")


def places_in(document):
    return PLACE.findall(document.read_text())


@cache
def anchors_in(path):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = (re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading) for heading in HEADING.findall(path.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def is_dead(document, link):
    if re.match(r"\w+:", link):
        return False
    file, _, anchor = link.partition("#")
    target = (document.parent / file).resolve() if file else document
    return not target.exists() or bool(anchor and target.suffix == ".md" and anchor not in anchors_in(target))


@pytest.mark.parametrize("document", DOCS, ids=name_of)
def test_every_function_that_a_document_names_exists(document):
    missing = [
        f"{file}:{name}"
        for file, name in places_in(document)
        if not (ROOT / file).is_file() or name not in names_in(ROOT / file)
    ]

    assert missing == []


def test_the_order_flow_names_functions_of_every_part_on_its_way():
    packages = {file.partition("/")[0] for file, _ in places_in(ROOT / "docs/order-flow.md")}

    assert packages == {"shop", *(path.parent.name for path in ROOT.glob("*_svc/__init__.py"))}


def test_the_steps_of_the_order_flow_are_numbered_in_order():
    numbers = [int(number) for number in STEP.findall((ROOT / "docs/order-flow.md").read_text())]

    assert numbers == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("document", DOCS, ids=name_of)
def test_every_file_that_a_document_names_exists(document):
    assert [file for file in FILE.findall(document.read_text()) if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("document", DOCS, ids=name_of)
def test_links_lead_to_files_and_headings_that_exist(document):
    assert [link for link in LINK.findall(document.read_text()) if is_dead(document, link)] == []


@pytest.mark.parametrize("link", ["nowhere.md", "../README.md#nowhere", "#nowhere"])
def test_a_link_that_leads_nowhere_is_found_out(link):
    assert is_dead(ROOT / "docs/glossary.md", link)


def test_every_name_in_the_glossary_is_one_of_the_code():
    rows = re.findall(r"^\| \*\*.*?\| (.*?) \|", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
    names = {name for cell in rows for name in re.findall(r"`@?([A-Za-z_]+)`", cell)}
    code = "\n".join(path.read_text() for folder in ("shop", "*_svc") for path in ROOT.glob(f"{folder}/**/*.py"))

    assert len(names) > 20
    assert names - set(re.findall(r"\w+", code)) == set()


def test_every_document_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document in reached or document.suffix != ".md":
            continue
        reached.add(document)
        links = (link.partition("#")[0] for link in LINK.findall(document.read_text()) if not re.match(r"\w+:", link))
        waiting += [(document.parent / link).resolve() for link in links if link]

    assert [name_of(document) for document in DOCS if document not in reached] == []


def test_decisions_are_numbered_without_gaps():
    numbers = [int(record.name[:4]) for record in RECORDS]

    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_a_decision_says_why_what_and_what_follows(record):
    text = record.read_text()

    assert text.startswith(f"# {int(record.name[:4])}. ")
    assert HEADING.findall(text)[1:] == ["Context", "Decision", "Consequences", "Alternatives"]


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_the_list_of_decisions_has_it_under_its_title(record):
    title = HEADING.findall(record.read_text())[0].partition(". ")[2]

    assert f"| [{int(record.name[:4])}]({record.name}) | {title} |" in (ROOT / "docs/adr/README.md").read_text()


def variables_of(settings, prefix=""):
    for key, value in settings.items():
        name = f"{prefix}{key}".upper()
        yield from variables_of(value, f"{name}_") if isinstance(value, dict) else [name]


def test_every_setting_is_explained():
    explained = (ROOT / "docs/operations.md").read_text()

    assert [name for name in variables_of(DEFAULTS) if f"`{name}`" not in explained] == []


def test_every_command_is_explained_and_no_other():
    explained = (ROOT / "docs/operations.md").read_text()

    assert set(re.findall(r"`shop ([a-z-]+)", explained)) | {"run"} == {*COMMANDS, *TOOLS}


def test_pictures_need_nothing_from_elsewhere_and_know_both_light_and_dark():
    pictures = {path: path.read_text() for path in (ROOT / "docs/pictures").glob("*.svg")}

    assert pictures
    for path, text in pictures.items():
        assert re.findall(r"(?:href|src)=|url\((?!#)|@import", text) == [], path
        assert "prefers-color-scheme: dark" in text, path
        assert "<title" in text, path
        assert "<desc" in text, path
