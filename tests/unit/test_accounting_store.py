"""The accounting read model on SQLite, and the revenue that comes out of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import StaticPool

from accounting_svc.domain import Sum, net_by_month
from accounting_svc.store import AccountingRows
from shop.contracts.codec import dump
from shop.contracts.errors import InvalidRequest
from shop.contracts.events import CreditNoteIssued, InvoiceIssued
from tests.unit.order_builders import HOME, ORDER, SELLER, credited, invoiced, line, placed, recorded

TABLES = AccountingRows.tables(METADATA := MetaData(), "r1_")
ENGINE = create_engine("sqlite://", poolclass=StaticPool)
METADATA.create_all(ENGINE)


@contextmanager
def empty_rows() -> Iterator[AccountingRows]:
    with ENGINE.connect() as connection, connection.begin() as transaction:
        yield AccountingRows(connection, lambda: TABLES, {})
        transaction.rollback()


@pytest.fixture
def rows() -> Iterator[AccountingRows]:
    with empty_rows() as rows:
        yield rows


def on(month: int, day: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


def add(
    rows: AccountingRows, number: int, *, customer: str = "Ada", cents: int = 999, month: int = 11
) -> InvoiceIssued:
    order = placed(line(quantity=1, price=cents), order_id=uuid4(), customer=customer)
    invoice = invoiced(order, number=number, at=on(month))
    rows.add_invoice(recorded(invoice, position=100 + number))
    return invoice


def take_back(rows: AccountingRows, invoice: InvoiceIssued, number: int, month: int = 12) -> CreditNoteIssued:
    note = credited(invoice, number=number, at=on(month))
    rows.add_credit_note(recorded(note, position=500 + number))
    return note


def numbers(page: dict) -> list[str]:
    return [invoice["number"] for invoice in page["items"]]


def everything(rows: AccountingRows, **changes: object) -> dict:
    return rows.page(**({"year": None, "customer": None, "limit": 20, "after": None} | changes))


def test_an_invoice_is_shown_as_issued(rows: AccountingRows):
    rows.add_invoice(recorded(invoiced(number=123)))

    assert rows.invoice("2026-000123") == {
        "number": "2026-000123",
        "order_id": str(ORDER),
        "customer": "Ada",
        "address": dump(HOME),
        "seller": {"name": SELLER.name, "address": SELLER.address, "tax_id": SELLER.tax_id},
        "lines": [
            {
                "product_id": str(each.product_id),
                "name": each.name,
                "quantity": each.quantity,
                "unit_price": each.unit_price.dump(),
                "total": each.total.dump(),
            }
            for each in placed().lines
        ],
        "tax_percent": "19",
        "tax": {"amount": 391, "currency": "EUR"},
        "total": {"amount": 2448, "currency": "EUR"},
        "issued_at": "2026-11-23T12:00:00.000Z",
        "credited_by": None,
    }


def test_an_unknown_number_has_no_invoice(rows: AccountingRows):
    assert rows.invoice("2026-000123") is None


def test_a_credit_note_is_named_on_its_invoice_alone(rows: AccountingRows):
    invoice, _ = add(rows, 1), add(rows, 2)

    take_back(rows, invoice, 1)

    assert rows.invoice("2026-000001")["credited_by"] == "C2026-000001"
    assert rows.invoice("2026-000002")["credited_by"] is None


def test_invoices_are_listed_newest_first_page_by_page(rows: AccountingRows):
    for number in range(1, 6):
        add(rows, number)

    first = everything(rows, limit=2)
    add(rows, 6)
    rest = everything(rows, after=first["next"])

    assert numbers(first) == ["2026-000005", "2026-000004"]
    assert numbers(rest) == ["2026-000003", "2026-000002", "2026-000001"]
    assert rest["next"] is None


def test_invoices_are_found_by_year_and_customer_however_spelled(rows: AccountingRows):
    add(rows, 1, customer="Ada")
    add(rows, 2, customer="bob")

    assert numbers(everything(rows, customer="ADA")) == ["2026-000001"]
    assert numbers(everything(rows, year=2026)) == ["2026-000002", "2026-000001"]
    assert numbers(everything(rows, year=2025)) == []


def test_a_made_up_cursor_is_refused(rows: AccountingRows):
    with pytest.raises(InvalidRequest):
        everything(rows, after="nonsense")


# Revenue


def test_a_credit_note_counts_in_the_month_that_it_is_issued_in(rows: AccountingRows):
    kept, taken_back = add(rows, 1, cents=500, month=3), add(rows, 2, cents=700, month=3)
    take_back(rows, taken_back, 1, month=4)

    months = net_by_month(rows.invoiced(2026), rows.credited(2026))

    assert kept.total.amount == 500
    assert months[2] == Sum(amount=1200, documents=2)
    assert months[3] == Sum(amount=-700, documents=0)


def test_a_year_without_invoices_has_twelve_empty_months(rows: AccountingRows):
    add(rows, 1)

    assert net_by_month(rows.invoiced(2025), rows.credited(2025)) == [Sum()] * 12


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 9_999_999), st.one_of(st.none(), st.integers(1, 12)))))
def test_the_year_comes_to_its_invoices_less_its_credit_notes(documents: list[tuple[int, int, int | None]]):
    with empty_rows() as rows:
        invoices, notes = [], []
        for number, (month, cents, taken_back_in) in enumerate(documents, start=1):
            invoices.append(add(rows, number, cents=cents, month=month))
            if taken_back_in is not None:
                notes.append(take_back(rows, invoices[-1], len(notes) + 1, month=taken_back_in))
        months = net_by_month(rows.invoiced(2026), rows.credited(2026))

    assert sum(month.amount for month in months) == sum(invoice.total.amount for invoice in invoices) - sum(
        note.total.amount for note in notes
    )
    assert [month.documents for month in months] == [
        sum(invoice.issued_at.month == number for invoice in invoices) for number in range(1, 13)
    ]
