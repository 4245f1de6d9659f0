"""Invoicing: gapless numbers, exact tax, and credit notes that mirror their invoices."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting_svc.domain import CREDIT_NOTES, INVOICES, Book, included_tax, year_of
from accounting_svc.invoicing import credit_note
from accounting_svc.invoicing import invoice as invoice_of
from shop.contracts.events import CreditNoteIssued, InvoiceIssued, Seller
from shop.contracts.money import MAX_AMOUNT, Money
from tests.unit.support.order_builders import approved, euros, line, placed, shipped

SELLER = Seller(name="Nameko Shop", address="1 Market Square", tax_id="DE000000000")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    """The settings that an invoice is made with."""

    seller: Seller = SELLER
    tax_percent: str = "19"


def issue(book: Book = Book(), at: datetime = NOON, total: int = 11_900, percent: str = "19") -> InvoiceIssued:  # noqa: B008
    order = approved(placed(line(quantity=1, price=total), order_id=uuid4()))
    return invoice_of(order, book.issued + 1, at, Terms(tax_percent=percent))


def take_back(invoice: InvoiceIssued, book: Book = Book(), at: datetime = NOON) -> CreditNoteIssued:  # noqa: B008
    return credit_note(invoice, book.issued + 1, at)


def test_an_invoice_repeats_the_order_and_names_the_seller():
    order = approved()

    invoice = invoice_of(order, 1, NOON, Terms())

    assert (invoice.order_id, invoice.customer, invoice.address) == (order.order_id, order.customer, order.address)
    assert (invoice.lines, invoice.total, invoice.seller) == (order.lines, order.total, SELLER)
    assert (invoice.year, invoice.number, invoice.issued_at) == (2026, 1, NOON)


def test_a_credit_note_takes_back_exactly_what_was_invoiced():
    invoice = issue(Book(issued=41), total=999)

    note = take_back(invoice, Book(issued=6), NOON + timedelta(days=60))

    assert (note.invoice_year, note.invoice_number) == (2026, 42)
    assert (note.total, note.tax, note.order_id, note.customer) == (
        invoice.total,
        invoice.tax,
        invoice.order_id,
        invoice.customer,
    )
    assert (note.year, note.number, note.stream) == (2027, 7, "credit-notes-2027")


def test_the_year_of_a_document_is_that_in_utc():
    new_year_in_tokyo = datetime(2027, 1, 1, 8, 59, tzinfo=timezone(timedelta(hours=9)))

    assert year_of(new_year_in_tokyo) == 2026


def test_books_are_numbered_by_their_streams():
    assert INVOICES.stream(2026) == issue().stream == "invoices-2026"
    assert CREDIT_NOTES.stream(2026) == take_back(issue()).stream == "credit-notes-2026"


def test_events_that_are_no_documents_leave_the_book_as_it_is():
    assert INVOICES.fold([shipped()], Book(issued=3)) == Book(issued=3)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=40))
def test_documents_of_every_year_are_numbered_from_one_without_a_gap(steps: list[tuple[bool, int]]):
    streams: dict[str, list[InvoiceIssued | CreditNoteIssued]] = {}
    open_invoices: list[InvoiceIssued] = []
    now = NOON

    for takes_back, days in steps:
        now += timedelta(days=days)
        kind = CREDIT_NOTES if takes_back and open_invoices else INVOICES
        book = Book(issued=len(streams.get(kind.stream(now.year), [])))
        event = take_back(open_invoices.pop(), book, now) if kind is CREDIT_NOTES else issue(book, now)
        streams.setdefault(event.stream, []).append(event)
        if isinstance(event, InvoiceIssued):
            open_invoices.append(event)

    for events in streams.values():
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert INVOICES.fold(events) == Book(issued=len(events))
    everything = [event for events in streams.values() for event in events]
    net = sum(event.total.amount * (1 if isinstance(event, InvoiceIssued) else -1) for event in everything)
    assert net == sum(invoice.total.amount for invoice in open_invoices)


@pytest.mark.parametrize(
    ("total", "percent", "tax"),
    [
        (11_900, "19", 1_900),
        (10_770, "7.7", 770),
        (999, "0", 0),
        (0, "19", 0),
        (3, "100", 2),  # 1.5 rounds up
        (1, "100", 1),  # 0.5 rounds up
        (MAX_AMOUNT, "19", 159_663_865),
    ],
)
def test_tax_is_part_of_the_total(total: int, percent: str, tax: int):
    assert included_tax(euros(total), percent) == euros(tax)


@given(st.integers(0, MAX_AMOUNT), st.decimals(0, 100, places=3))
def test_tax_is_exact_and_rounded_half_up(total: int, percent: Decimal):
    tax = included_tax(Money(total, "EUR"), str(percent))

    exact = Decimal(total) * percent / (100 + percent)
    assert tax.amount == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert 0 <= tax.amount <= total
