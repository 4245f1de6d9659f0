"""The rules of invoicing: consecutive numbers, tax included in prices, credit notes for cancelled orders. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from shop.contracts import names
from shop.contracts.deciders import Decider
from shop.contracts.events import CreditNoteIssued, Event, InvoiceIssued
from shop.contracts.money import Money


@dataclass(frozen=True, kw_only=True)
class Book:
    """One year's invoices, or its credit notes: their number, which is also the last one's running number.

    It equals the version of the year's stream, so no event is read to continue the book.
    """

    issued: int = 0


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
    """Sum of one month's documents in minor units, and their number."""

    amount: int = 0
    documents: int = 0


def net_by_month(invoiced: Mapping[int, Sum], credited: Mapping[int, Sum]) -> list[Sum]:
    """January to December: invoices less credit notes of the month, and the number of invoices."""
    none = Sum()
    return [
        Sum(
            amount=invoiced.get(month, none).amount - credited.get(month, none).amount,
            documents=invoiced.get(month, none).documents,
        )
        for month in range(1, 13)
    ]
