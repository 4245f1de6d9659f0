"""The rules of invoicing: numbers without gaps, tax included in the prices, credit notes that take back. Pure."""

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
    """One year's invoices, or its credit notes: how many were issued, which is the last one's number.

    It is also the version of the year's stream, so the book need not be read to be continued.
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
