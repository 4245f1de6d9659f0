"""Requirements on every page of the back office, whoever looks at it and with whatever."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import expect

from tests.web.browser.support.watching import (
    LANGUAGES,
    by_day_and_night,
    forms_on,
    misfits,
    pages_not_in,
    printed_controls,
    send,
    violations,
)
from tests.web.support.managing import backoffice as site

pytest_plugins = ["tests.web.browser.support.office"]

LEAVE_OUT = ("/logout", "/language", "/shipment", "/cancellation", "/removal", "/withdrawal")
"""Forms that ask for nothing that could be wrong, and would be carried out."""

TAKEN_OR_REFUSED = (200, 400, 404, 409, 422)
RUBBISH = "<script>alert(1)</script> `'\";-- ÄÖ 漢 " + "9" * 200


def english(page):
    return [*by_day_and_night(page), *misfits(page, (1280, 390))]


def german(page):
    return [*violations(page, *LANGUAGES), *misfits(page, (320,))]


@pytest.mark.parametrize("visit", [("en-GB", english), ("de-DE", german)], ids=["english", "german"])
def test_every_page_is_accessible_and_fits(open_page, log_in, backoffice, pages, visit):
    locale, troubles = visit
    page = open_page(locale=locale)
    page.watch.expected |= {404, 422}

    page.goto(f"{backoffice}/login")
    found = troubles(page)
    log_in(page)
    for path in [*pages, "/nothing-here"]:
        page.goto(backoffice + path)
        found += troubles(page)
    page.goto(f"{backoffice}/products/new")
    page.locator("main form button").click()
    expect(page.locator(".errors").first).to_be_visible()
    found += troubles(page)

    assert found == []


def test_every_kind_of_page_is_looked_at(pages):
    tables_and_papers = {"invoices.export", "invoices.show_pdf", "revenue.export"}

    assert pages_not_in([*pages, "/login"], site()) == tables_and_papers


def test_every_link_leads_somewhere(office, backoffice, pages):
    seen, broken = set(), []
    for path in pages:
        for link in re.findall(r'<a\b[^>]* href="([^"]+)"', office.request.get(backoffice + path).text()):
            address = urljoin(backoffice + path, unescape(link)).partition("#")[0]
            if urlsplit(address).netloc == urlsplit(backoffice).netloc and address not in seen:
                seen.add(address)
                answer = office.request.get(address)
                broken += [] if answer.ok else [f"{path} -> {address}: {answer.status}"]

    assert broken == []
    assert len(seen) > 50


def test_every_form_takes_nothing_and_rubbish(office, backoffice, pages):
    """Sent without what is needed, and with what makes no sense, a form comes back with a page like any other."""
    broken, forms = [], 0
    for path in pages:
        office.goto(backoffice + path)
        for form in forms_on(office):
            if form["action"].endswith(LEAVE_OUT):
                continue
            for value in ("", RUBBISH):
                answer = send(office, form, value)
                forms += 1
                if answer.status not in TAKEN_OR_REFUSED or len(re.findall("<h1[ >]", answer.text())) != 1:
                    broken.append(f"{answer.status} for {form['action']} with {value[:10]!r}")

    assert broken == []
    assert forms > 20


def test_what_is_printed_has_nothing_to_press(office, backoffice, story):
    order = story["approved"]
    for path in (f"/orders/{order['id']}", f"/invoices/{order['invoice']}", "/orders?status=approved", "/revenue"):
        office.goto(backoffice + path)
        assert printed_controls(office) == []
        expect(office.locator("main table").first).to_be_visible()


def test_the_keyboard_reaches_everything(office, backoffice):
    office.goto(backoffice)
    office.keyboard.press("Tab")

    assert office.evaluate("document.activeElement.className") == "skip-link"
    office.keyboard.press("Enter")
    assert office.evaluate("document.activeElement.id") == "main"


def test_it_speaks_german_too(office):
    office.get_by_role("button", name="Deutsch").click()

    expect(office.locator("html")).to_have_attribute("lang", "de")
    expect(office.get_by_role("heading", level=1)).to_have_text("Übersicht")
