"""The accounting read model in SQL: invoices and credit notes, one row each. Revenue is a query."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    select,
    update,
)

from accounting_svc.domain import Sum
from shop.chassis.cursors import cursor_of, key_of
from shop.chassis.sql import Rows
from shop.contracts import names
from shop.contracts.codec import dump, dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, InvoiceIssued, OrderLine

Wire = dict[str, Any]


class AccountingRows(Rows):
    """Invoices and credit notes as they are shown."""

    schema_version = 1

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> dict[str, Table]:
        invoices = Table(
            f"{prefix}invoices",
            metadata,
            Column("number", String(32), primary_key=True),
            Column("position", BigInteger, nullable=False),
            Column("year", Integer, nullable=False),
            Column("month", Integer, nullable=False),
            Column("order_id", String(36), nullable=False),
            Column("customer", String(64), nullable=False),
            Column("customer_key", String(64), nullable=False),
            Column("address", JSON(none_as_null=True)),
            Column("seller", JSON, nullable=False),
            Column("lines", JSON, nullable=False),
            Column("tax_percent", String(8), nullable=False),
            Column("tax", BigInteger, nullable=False),
            Column("total", BigInteger, nullable=False),
            Column("currency", String(3), nullable=False),
            Column("issued_at", String(32), nullable=False),
            Column("credited_by", String(32)),
            Index(f"{prefix}invoices_in_order", "position"),
            Index(f"{prefix}invoices_of_customer", "customer_key", "position"),
            Index(f"{prefix}invoices_of_year", "year", "position"),
            Index(f"{prefix}invoices_by_month", "year", "month", "total"),
        )
        credit_notes = Table(
            f"{prefix}credit_notes",
            metadata,
            Column("number", String(32), primary_key=True),
            Column("year", Integer, nullable=False),
            Column("month", Integer, nullable=False),
            Column("invoice", String(32), nullable=False),
            Column("total", BigInteger, nullable=False),
            Index(f"{prefix}credit_notes_by_month", "year", "month", "total"),
        )
        return {"invoices": invoices, "credit_notes": credit_notes}

    # Projections

    def add_invoice(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if isinstance(event, InvoiceIssued):
            self.execute(insert(self.t["invoices"]).values(invoice_row(event, recorded.position)))

    def add_credit_note(self, recorded: RecordedEvent) -> None:
        """Show the credit note, and on the invoice that it is taken back."""
        event = recorded.event
        if not isinstance(event, CreditNoteIssued):
            return
        row, invoices = credit_note_row(event), self.t["invoices"]
        taken_back = invoices.c.number == row["invoice"]
        self.execute(update(invoices).where(taken_back).values(credited_by=row["number"]))
        self.execute(insert(self.t["credit_notes"]).values(row))

    # Reading

    def invoice(self, number: str) -> Wire | None:
        invoices = self.t["invoices"]
        found = self.execute(select(invoices).where(invoices.c.number == number)).first()
        return _invoice(found._asdict()) if found else None

    def page(self, *, year: int | None, customer: str | None, limit: int, after: str | None) -> Wire:
        """Invoices newest first: `{items, next}`. Raises: InvalidRequest, for an unknown cursor."""
        before = key_of(after, int)
        invoices = self.t["invoices"]
        wanted = select(invoices).order_by(invoices.c.position.desc()).limit(limit + 1)
        if year is not None:
            wanted = wanted.where(invoices.c.year == year)
        if customer is not None:
            wanted = wanted.where(invoices.c.customer_key == customer.casefold())
        if before is not None:
            wanted = wanted.where(invoices.c.position < before[0])
        rows = [row._asdict() for row in self.execute(wanted)]
        more = len(rows) > limit
        return {
            "items": [_invoice(row) for row in rows[:limit]],
            "next": cursor_of(rows[limit - 1]["position"]) if more else None,
        }

    def invoiced(self, year: int) -> dict[int, Sum]:
        """By month of issue, for the months that have invoices."""
        return self._by_month("invoices", year)

    def credited(self, year: int) -> dict[int, Sum]:
        """By month of issue, for the months that have credit notes."""
        return self._by_month("credit_notes", year)

    def _by_month(self, table: str, year: int) -> dict[int, Sum]:
        columns = self.t[table].c
        sums = select(columns.month, func.sum(columns.total).label("amount"), func.count().label("documents"))
        rows = self.execute(sums.where(columns.year == year).group_by(columns.month))
        return {row.month: Sum(amount=int(row.amount), documents=row.documents) for row in rows}


def invoice_row(event: InvoiceIssued, position: int) -> Wire:
    """An invoice's row as it begins."""
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


def _line(line: OrderLine) -> Wire:
    return {**dump(line), "total": line.total.dump()}


def _invoice(row: Wire) -> Wire:
    """An invoice's row in the form of RPC."""
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
