"""Invoices and credit notes in SQL, a row each. Revenue is a query."""

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
    select,
)

from accounting_svc.domain import Sum
from accounting_svc.store.shape import credit_note_row, invoice_from, invoice_row, page_of
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, InvoiceIssued
from shop.contracts.views import InvoiceView, Listed
from shop.read_models.sql import SqlRows
from shop.service.pagination import key_of


class SqlInvoices(SqlRows):
    """Invoices and credit notes."""

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
            self.insert(self.t["invoices"], invoice_row(event, recorded.position))

    def add_credit_note(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if not isinstance(event, CreditNoteIssued):
            return
        row = credit_note_row(event)
        self.update(self.t["invoices"], row["invoice"], {"credited_by": row["number"]})
        self.insert(self.t["credit_notes"], row)

    # Reading

    def invoice(self, number: str) -> InvoiceView | None:
        row = self.find(self.t["invoices"], number)
        return invoice_from(row) if row else None

    def page(self, *, year: int | None, customer: str | None, limit: int, after: str | None) -> Listed[InvoiceView]:
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
        return page_of(rows, limit)

    def invoiced(self, year: int) -> dict[int, Sum]:
        return self._by_month("invoices", year)

    def credited(self, year: int) -> dict[int, Sum]:
        return self._by_month("credit_notes", year)

    def _by_month(self, table: str, year: int) -> dict[int, Sum]:
        columns = self.t[table].c
        sums = select(columns.month, func.sum(columns.total).label("amount"), func.count().label("documents"))
        rows = self.execute(sums.where(columns.year == year).group_by(columns.month))
        return {row.month: Sum(amount=int(row.amount), documents=row.documents) for row in rows}
