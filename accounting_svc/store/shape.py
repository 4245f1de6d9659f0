"""The stored form of invoices and credit notes in every kind of database."""

from collections.abc import Sequence

from shop.contracts import names
from shop.contracts.codec import dump, dump_time
from shop.contracts.events import CreditNoteIssued, InvoiceIssued, OrderLine
from shop.contracts.views import InvoiceView, Listed
from shop.contracts.wire import Wire
from shop.service.pagination import cursor_of


def invoice_row(event: InvoiceIssued, position: int) -> Wire:
    """The row of a new invoice."""
    return {
        "number": names.invoice_number(event.year, event.number),
        "position": position,
        "year": event.year,
        "month": event.issued_at.month,
        "order_id": str(event.order_id),
        "customer": event.customer,
        "customer_key": event.customer.casefold(),
        "address": dump(event.address) if event.address else None,
        "seller": dump(event.seller),
        "lines": [_line(line) for line in event.lines],
        "tax_percent": event.tax_percent,
        "tax": event.tax.amount,
        "total": event.total.amount,
        "currency": event.total.currency,
        "issued_at": dump_time(event.issued_at),
        "credited_by": None,
    }


def credit_note_row(event: CreditNoteIssued) -> Wire:
    """A credit note's row."""
    return {
        "number": names.credit_note_number(event.year, event.number),
        "year": event.year,
        "month": event.issued_at.month,
        "invoice": names.invoice_number(event.invoice_year, event.invoice_number),
        "total": event.total.amount,
    }


def page_of(rows: Sequence[Wire], limit: int) -> Listed[InvoiceView]:
    """The first invoices in the RPC form, at most `limit`, with a cursor if there are more."""
    more = len(rows) > limit
    return {
        "items": [invoice_from(row) for row in rows[:limit]],
        "next": cursor_of(rows[limit - 1]["position"]) if more else None,
    }


def invoice_from(row: Wire) -> InvoiceView:
    """An invoice's row in the RPC form."""
    return {
        "number": row["number"],
        "order_id": row["order_id"],
        "customer": row["customer"],
        "address": row["address"],
        "seller": row["seller"],
        "lines": row["lines"],
        "tax_percent": row["tax_percent"],
        "tax": {"amount": row["tax"], "currency": row["currency"]},
        "total": {"amount": row["total"], "currency": row["currency"]},
        "issued_at": row["issued_at"],
        "credited_by": row["credited_by"],
    }


def _line(line: OrderLine) -> Wire:
    return {**dump(line), "total": line.total.dump()}
