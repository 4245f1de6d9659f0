"""A step of the order saga: invoices for approved orders, and credit notes for those cancelled later. Pure.

Numbers have no gaps: a document's number is its version in the stream of the year's invoices, or of its credit notes.
"""

from datetime import datetime
from typing import Protocol

from accounting_svc.domain import CREDIT_NOTES, INVOICES, included_tax, year_of
from shop.contracts.codec import load_time
from shop.contracts.commits import Commit, event_in
from shop.contracts.decisions import DecisionContext, reacts_to
from shop.contracts.events import CreditNoteIssued, InvoiceIssued, OrderApproved, OrderCancelled, Seller


class InvoiceSettings(Protocol):
    """Settings of an invoice. `tax_percent`: a decimal number as text, included in prices."""

    @property
    def seller(self) -> Seller: ...

    @property
    def tax_percent(self) -> str: ...


class Invoicing:
    """Reactions to approved and cancelled orders."""

    settings: InvoiceSettings

    @reacts_to(OrderApproved)
    def issue_invoice(self, approved: OrderApproved, context: DecisionContext) -> Commit | None:
        """Invoice an approved order, in the year of its approval: `invoice:<order id>`."""
        moment = moment_of(context)
        number = context.version(INVOICES.stream(year_of(moment))) + 1
        return context.commit([invoice(approved, number, moment, self.settings)], once=f"invoice:{approved.order_id}")

    @reacts_to(OrderCancelled)
    def issue_credit_note(self, cancelled: OrderCancelled, context: DecisionContext) -> Commit | None:
        """Reverse the invoice of an order that was cancelled after its approval: `credit-note:<order id>`."""
        if not cancelled.was_approved:
            return None
        moment, issued = moment_of(context), _invoice_of(cancelled, context)
        number = context.version(CREDIT_NOTES.stream(year_of(moment))) + 1
        return context.commit([credit_note(issued, number, moment)], once=f"credit-note:{cancelled.order_id}")


def invoice(order: OrderApproved, number: int, moment: datetime, settings: InvoiceSettings) -> InvoiceIssued:
    """The invoice of an approved order, with this number in its year."""
    return InvoiceIssued(
        year=year_of(moment),
        number=number,
        order_id=order.order_id,
        customer=order.customer,
        address=order.address,
        seller=settings.seller,
        lines=order.lines,
        tax_percent=settings.tax_percent,
        tax=included_tax(order.total, settings.tax_percent),
        total=order.total,
        issued_at=moment,
    )


def credit_note(issued: InvoiceIssued, number: int, moment: datetime) -> CreditNoteIssued:
    """The credit note that reverses an invoice, with this number in its year."""
    return CreditNoteIssued(
        year=year_of(moment),
        number=number,
        order_id=issued.order_id,
        customer=issued.customer,
        invoice_year=issued.year,
        invoice_number=issued.number,
        tax=issued.tax,
        total=issued.total,
        issued_at=moment,
    )


def moment_of(context: DecisionContext) -> datetime:
    """Time of the event reacted to: the same in every run of the reaction, so a document always has the same year."""
    if context.cause is None:
        raise LookupError("only a reaction has a cause")
    return load_time(context.cause.at)


def _invoice_of(cancelled: OrderCancelled, context: DecisionContext) -> InvoiceIssued:
    """Raises: LookupError, when the approval before has not been invoiced."""
    issued = event_in(context.find(f"invoice:{cancelled.order_id}"), InvoiceIssued)
    if issued is None:
        raise LookupError(f"the approved order {cancelled.order_id} has no invoice")
    return issued
