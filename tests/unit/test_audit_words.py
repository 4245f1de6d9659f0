"""Whatever the services' audits say of a shop whose books are right is said in German, too."""

import re
from pathlib import Path

import pytest

import accounting_svc.service  # noqa: F401 - so that its checks are known
import customer_svc.service  # noqa: F401
import order_svc.service  # noqa: F401
import product_svc.service  # noqa: F401
from backoffice_web.audit_words import check_detail, check_name
from event_store_svc.auditing import CHAIN
from gateway_svc.resources.audit import AUDITED
from shop.chassis.audit.checks import LogCheck, count
from tests.web.support.managing import backoffice

ROOT = Path(__file__).parents[2]
CHECKS = sorted(LogCheck.__subclasses__(), key=lambda check: check.name)
GIVEN_IN_CODE = {
    name
    for file in [*ROOT.glob("shop/chassis/**/*.py"), *ROOT.glob("*_svc/**/*.py")]
    for name in re.findall(r'\bCheck(?:\.of)?\("([^"]+)"', file.read_text())
}
FOLLOWERS = [service for service in AUDITED if service != "event_store"]
READ_MODELS = {f"read model of {name} equals the log" for name in FOLLOWERS}
NAMES = {CHAIN} | GIVEN_IN_CODE | READ_MODELS | {check.name for check in CHECKS}


@pytest.fixture
def in_german():
    with backoffice().test_request_context("/", headers={"Accept-Language": "de"}):
        yield


def test_the_checks_are_all_there():
    assert len(CHECKS) >= 7
    assert "events can be read" in NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_check_has_a_german_name(in_german, name):
    assert check_name(name) != name


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_what_every_check_says_when_all_is_well_is_said_in_german(in_german, check):
    detail = check().verdict("").detail

    assert check_detail(detail) != detail


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("1,234 commits, each follows the one before", "1.234 Commits, jeder folgt auf den vorigen"),
        (
            "9 commits, each follows the one before; the clock was repaired once, last at position 7, from A to B",
            "9 Commits, jeder folgt auf den vorigen; die Uhr wurde 1-mal gestellt, zuletzt an Position 7, von A auf B",
        ),
        (f"{count(1, 'customer')}, at every position", "1 Kunde, an jeder Position"),
        (f"{count(1234, 'customer')}, at every position", "1.234 Kunden, an jeder Position"),
        ("1 row at position 1,234", "1 Zeile an Position 1.234"),
        ("1 order, 0 of which hold something", "1 Bestellung, davon halten 0 etwas zurück"),
        ("2 invoices and 1 credit note", "Rechnungen: 2, Gutschriften: 1"),
        (
            "granted 4725.00 EUR = available 4278.20 EUR + held 0.00 EUR + spent 446.80 EUR",
            "gewährt 4.725,00 € = verfügbar 4.278,20 € + zurückgehalten 0,00 € + ausgegeben 446,80 €",
        ),
        (
            "delivered 2,580 = in stock 2,567 + with orders 13",
            "geliefert 2.580 = auf Lager 2.567 + bei Bestellungen 13",
        ),
        ("products could not be checked", "Produkte ließ sich nicht prüfen"),
        ("invoice 2026-000001 is the second one", "invoice 2026-000001 is the second one"),
    ],
)
def test_details_are_said_with_numbers_as_germans_write_them(in_german, english, german):
    assert check_detail(english).replace("\N{NO-BREAK SPACE}", " ") == german
