"""The rules of invoicing: numbers without gaps, tax included in the prices, credit notes that take back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import assert_never

from shop.contracts import names
from shop.contracts.deciders import Decider
from shop.contracts.events import CreditNoteIssued, Event, InvoiceIssued, OrderApproved, Seller
from shop.contracts.money import Money


@dataclass(frozen=True, kw_only=True)
class Book:
    """One year's invoices, or its credit notes: how many were issued, which is the last one's number.

    It is also the version of the year's stream, so the book need not be read to be continued.
    """

    issued: int = 0


@dataclass(frozen=True, kw_only=True)
class IssueInvoice:
    """Invoice an approved order. `tax_percent`: a decimal number as text, included in the order's prices."""

    order: OrderApproved
    seller: Seller
    tax_percent: str
    issued_at: datetime


@dataclass(frozen=True, kw_only=True)
class IssueCreditNote:
    """Take back the invoice of an order that was cancelled."""

    invoice: InvoiceIssued
    issued_at: datetime


Command = IssueInvoice | IssueCreditNote


def decide(book: Book, command: Command) -> list[Event]:
    """The next document in the book of the year that it is issued in."""
    match command:
        case IssueInvoice():
            return [_invoice(book.issued + 1, command)]
        case IssueCreditNote():
            return [_credit_note(book.issued + 1, command)]
    assert_never(command)


def evolve(book: Book, event: Event) -> Book:
    """The book after one of its documents."""
    return Book(issued=event.number) if isinstance(event, InvoiceIssued | CreditNoteIssued) else book


INVOICES = Decider(stream=names.invoices_stream, initial=Book(), evolve=evolve)
CREDIT_NOTES = Decider(stream=names.credit_notes_stream, initial=Book(), evolve=evolve)


def year_of(moment: datetime) -> int:
    """The year whose book a document belongs to, by UTC."""
    return moment.astimezone(UTC).year


def included_tax(total: Money, tax_percent: str) -> Money:
    """The tax that is part of a total: total * p / (100 + p), rounded half up to the minor unit.

    Args:
        total: not negative.
        tax_percent: p, such as "19" or "7.7".
    """
    above, below = Decimal(tax_percent).as_integer_ratio()
    numerator, denominator = total.amount * above, 100 * below + above
    return Money((2 * numerator + denominator) // (2 * denominator), total.currency)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What the documents of one month come to, in minor units, and how many there are."""

    amount: int = 0
    documents: int = 0


def net_by_month(invoiced: Mapping[int, Sum], credited: Mapping[int, Sum]) -> list[Sum]:
    """January to December: what was invoiced less what was credited in the month, and the number of invoices."""
    none = Sum()
    return [
        Sum(
            amount=invoiced.get(month, none).amount - credited.get(month, none).amount,
            documents=invoiced.get(month, none).documents,
        )
        for month in range(1, 13)
    ]


def _invoice(number: int, command: IssueInvoice) -> InvoiceIssued:
    order = command.order
    return InvoiceIssued(
        year=year_of(command.issued_at),
        number=number,
        order_id=order.order_id,
        customer=order.customer,
        address=order.address,
        seller=command.seller,
        lines=order.lines,
        tax_percent=command.tax_percent,
        tax=included_tax(order.total, command.tax_percent),
        total=order.total,
        issued_at=command.issued_at,
    )


def _credit_note(number: int, command: IssueCreditNote) -> CreditNoteIssued:
    invoice = command.invoice
    return CreditNoteIssued(
        year=year_of(command.issued_at),
        number=number,
        order_id=invoice.order_id,
        customer=invoice.customer,
        invoice_year=invoice.year,
        invoice_number=invoice.number,
        tax=invoice.tax,
        total=invoice.total,
        issued_at=command.issued_at,
    )
