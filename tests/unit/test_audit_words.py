"""All texts of the services' audits exist in German, too, be the books right or wrong."""

import re
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import MetaData

import accounting_svc.service  # noqa: F401 - so that its checks are known
import customer_svc.service  # noqa: F401
import order_svc.service  # noqa: F401
import product_svc.service  # noqa: F401
from accounting_svc.store import SqlInvoices
from backoffice_web.audit_faults import COLUMNS, SENTENCES, TABLES, fault
from backoffice_web.audit_words import check_details, check_name
from customer_svc.store import SqlCustomers
from event_store_svc.auditing import CHAIN
from gateway_svc.resources.audit import AUDITED
from order_svc.store import SqlOrders
from product_svc.store import SqlProducts
from shop.audit.checks import LogCheck, count
from shop.audit.kept_states import KeptStates
from tests.unit.support.audit_sentences import form_of, forms_in_code
from tests.web.support.managing import backoffice

ROOT = Path(__file__).parents[2]
ID = "00000000-0000-0000-0000-00000000000b"
CHECKS = sorted(LogCheck.__subclasses__(), key=lambda check: check.name)
GIVEN_IN_CODE = {
    name
    for file in [*ROOT.glob("shop/**/*.py"), *ROOT.glob("*_svc/**/*.py")]
    for name in re.findall(r'\bCheck(?:\.of)?\("([^"]+)"', file.read_text())
}
FOLLOWERS = [service for service in AUDITED if service != "event_store"]
READ_MODELS = {f"read model of {name} equals the log" for name in FOLLOWERS}
NAMES = {CHAIN, KeptStates.name} | GIVEN_IN_CODE | READ_MODELS | {check.name for check in CHECKS}


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

    assert check_details(detail) != [detail]


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("1,234 commits, each follows the one before", "1.234 Commits, jeder folgt auf den vorigen"),
        (
            "9 commits, each follows the one before; the clock was repaired once, last at position 7, from A to B",
            "9 Commits, jeder folgt auf den vorigen; die Uhr wurde 1-mal gestellt, zuletzt an Position 7, von A auf B",
        ),
        (f"{count(1, 'customer')}, at every position", "1 Kundenkonto, an jeder Position"),
        (f"{count(1234, 'customer')}, at every position", "1.234 Kundenkonten, an jeder Position"),
        ("1 row at position 1,234", "1 Zeile an Position 1.234"),
        ("1 order, 0 of which hold something", "1 Bestellung, davon 0 mit Reservierungen"),
        ("2 invoices and 1 credit note", "Rechnungen: 2, Stornorechnungen: 1"),
        (
            "granted 4725.00 EUR = available 4278.20 EUR + held 0.00 EUR + spent 446.80 EUR",
            "gewährt 4.725,00 € = verfügbar 4.278,20 € + reserviert 0,00 € + ausgegeben 446,80 €",
        ),
        (
            "delivered 2,580 = in stock 2,567 + with orders 13",
            "geliefert 2.580 = auf Lager 2.567 + in Bestellungen 13",
        ),
        ("1,234 snapshots", "1.234 Snapshots"),
        ("something else is wrong", "something else is wrong"),
    ],
)
def test_details_are_said_with_numbers_as_germans_write_them(in_german, english, german):
    assert [said.replace("\N{NO-BREAK SPACE}", " ") for said in check_details(english)] == [german]


# What is wrong


def test_every_sentence_in_the_code_of_the_audit_is_known_and_no_other():
    forms = forms_in_code()

    assert len(forms) > 40
    assert {form_of(sentence) for sentence in SENTENCES} - {"and … more"} == forms


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_about_a_fault_is_said_in_german(in_german, sentence):
    told = fault(sentence % Samples())

    assert told
    assert told != sentence % Samples()


class Samples(dict[str, str]):
    """A value for each name."""

    SHAPED: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("amount", "available", "credit", "granted", "held", "spent", "total"), "12.50 EUR"),
        "columns": "status and total",
        "document": "credit note C2026-000001",
        "kind": "stock",
        "kinds": "credit and stock",
        "moment": "2026-11-23T09:30:00.123Z",
        "status": "never placed",
        "table": "orders",
    }

    def __missing__(self, name: str) -> str:
        return self.SHAPED.get(name, "7")


def test_every_table_and_column_of_a_read_model_has_a_german_name(in_german):
    tables = {
        name: table
        for rows in (SqlInvoices, SqlCustomers, SqlOrders, SqlProducts)
        for name, table in rows.tables(MetaData(), "").items()
    }
    columns = {column.name for table in tables.values() for column in table.columns if not column.primary_key}

    assert tables.keys() | {"names", "taken"} == TABLES.keys()
    assert columns | {"held", "number", "spent"} == COLUMNS.keys()


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            f"bob has -0.01 EUR at 1234; order {ID} was approved, and has no invoice; and 1,234 more",
            (
                f"bob hat -0,01 € an Position 1.234; Bestellung {ID} wurde bestätigt und hat keine Rechnung;"
                " und noch 1.234"
            ),
        ),
        (
            "CreditReserved of 1.00 EUR at 11 for an order of nothing",
            "CreditReserved über 1,00 € an Position 11 für eine Bestellung über nichts",
        ),
        (
            f"order {ID} at 27 was rejected for not_on_sale and timed_out, when nothing was refused",
            (
                f"Bestellung {ID} wurde an Position 27 abgelehnt"
                " wegen: nicht mehr erhältlich, Zeitüberschreitung; zuvor abgelehnt: nichts"
            ),
        ),
        (
            f"order {ID} was never placed, and holds credit and stock",
            f"Bestellung {ID} wurde nie aufgegeben, reserviert ist noch: Guthaben, Ware",
        ),
        (
            f"orders {ID} shows another status and total than the log says",
            f"Bestellung {ID} weicht vom Ereignisprotokoll ab: Status, Gesamtsumme",
        ),
        (
            "invoice 2026-000001 is the second one for order 7",
            "Rechnung 2026-000001 ist schon die zweite zu Bestellung 7",
        ),
        (
            "OrderPlaced at 7: OrderPlaced needs 'total'",
            "OrderPlaced an Position 7 ist nicht lesbar: OrderPlaced needs 'total'",
        ),
        ("position 7 is missing", "Position 7 fehlt"),
        ("products could not be checked", "Produkte: Prüfung nicht möglich"),
        ("something else is wrong; position 7 is missing", "something else is wrong; Position 7 fehlt"),
    ],
)
def test_faults_are_said_with_their_values_as_germans_write_them(in_german, english, german):
    assert "; ".join(check_details(english)).replace("\N{NO-BREAK SPACE}", " ") == german
