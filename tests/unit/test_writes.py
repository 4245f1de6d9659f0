"""docs/writes.md: every write of the API and the websites is there, with what protects it from another one."""

import re
from pathlib import Path

import pytest

import backoffice_web.app
import storefront_web.app
from gateway_svc.openapi import declarations
from gateway_svc.paths import openapi_path
from gateway_svc.service import GatewayService
from shop.web.settings import SiteSettings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "writes.md").read_text()
SETTINGS = SiteSettings(gateway_url="http://127.0.0.1:9", secret_key="not a secret, but long enough for one")
SITES = {"The storefront": storefront_web.app, "The back office": backoffice_web.app}
ROUTES = {
    f"{declared.method} {openapi_path(declared.path)}": declared
    for _, declared in declarations(GatewayService)
    if declared.writes
}
WORD = re.compile(r"\*\*(\w+)\*\*")
CONDITIONS = ("expected", "expected_total", "current_password")
"""Fields of bodies that say what was seen."""

AMOUNTS = ("delta", "amount")


def rows(heading):
    """The cells of a section's table, by the first one, without the marks of code."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return {cells[0].strip(" `"): [cell.strip(" `") for cell in cells[1:]] for cells in lines[1:]}


def words():
    """The protections that a write can have."""
    return {
        WORD.match(line.strip("| "))[1] for line in DOCUMENT.split("\n## ")[0].splitlines() if line.startswith("| **")
    }


def protections(heading):
    """The words by write."""
    return {write: set(WORD.findall(cells[0])) for write, cells in rows(heading).items()}


def forms(site):
    """The addresses that the site takes forms at."""
    rules = site.create_app(SETTINGS).url_map.iter_rules()
    return {re.sub(r"<\w+:", "<", rule.rule) for rule in rules if "POST" in (rule.methods or ())}


def test_every_write_of_the_api_is_in_the_table_and_no_other():
    assert rows("The API").keys() == ROUTES.keys(), "docs/writes.md says what protects each"


@pytest.mark.parametrize(("heading", "site"), SITES.items(), ids=SITES)
def test_every_form_of_a_site_is_in_its_table_and_no_other(heading, site):
    assert rows(heading).keys() == forms(site), "docs/writes.md says what protects each"


@pytest.mark.parametrize("heading", ["The API", *SITES])
def test_every_write_is_protected_by_something_that_is_explained(heading):
    assert [write for write, found in protections(heading).items() if not found or found - words()] == []


@pytest.mark.parametrize(("route", "declared"), ROUTES.items(), ids=ROUTES)
def test_what_the_table_says_of_a_route_is_what_the_route_takes(route, declared):
    said, fields = protections("The API")[route], set(declared.body().fields if declared.body else ())

    assert ("version" in said) == declared.edits
    assert ("expected" in said) == bool(fields & set(CONDITIONS))
    assert ("amount" in said) == bool(fields & set(AMOUNTS))
    assert ("key is required" in rows("The API")[route][1]) == declared.key_required


@pytest.mark.parametrize("heading", SITES)
def test_a_form_is_protected_by_what_the_route_behind_it_has(heading):
    """But for the language, the cart and log-ins, which are the browser's own."""
    api = protections("The API")

    for form, (_, route) in rows(heading).items():
        said = protections(heading)[form]
        assert route in api if route else said <= {"own", "last"}, form
        assert said <= {*(api[route] if route else ()), "own", "last"}, form
