"""Invoices and credit notes in CouchDB, a document each. Revenue is a view."""

from collections.abc import Mapping
from typing import Any

from accounting_svc.domain import Sum
from accounting_svc.store.shape import credit_note_row, invoice_from, invoice_row, page_of
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, InvoiceIssued
from shop.contracts.views import InvoiceView, Listed
from shop.read_models.couchdb import Documents
from shop.service.pagination import key_of

BY_OWNER_AND_YEAR = """
function (doc) {
  if (doc.table !== "invoices") { return; }
  [null, doc.customer_key].forEach(function (customer) {
    [null, doc.year].forEach(function (year) {
      emit([customer, year, doc.position], null);
    });
  });
}
"""
"""Each invoice has four entries: of all customers or its own, of all years or its own. In the order of the log."""

BY_MONTH = """
function (doc) {
  if (doc.table) { emit([doc.table, doc.year, doc.month], doc.total); }
}
"""


class CouchInvoices(Documents):
    """Invoices and credit notes."""

    schema_version = 1
    tables = ("invoices", "credit_notes")
    views = {
        "invoices": {"map": BY_OWNER_AND_YEAR},
        "months": {"map": BY_MONTH, "reduce": "_stats"},
    }

    # Projections

    def add_invoice(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if isinstance(event, InvoiceIssued):
            row = invoice_row(event, recorded.position)
            self.put(recorded.position, "invoices", row["number"], row)

    def add_credit_note(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if isinstance(event, CreditNoteIssued):
            row = credit_note_row(event)
            self.put(recorded.position, "credit_notes", row["number"], row)
            self.change(recorded.position, "invoices", row["invoice"], credited_by=row["number"])

    # Reading

    def invoice(self, number: str) -> InvoiceView | None:
        found = self.document("invoices", number)
        return invoice_from(found) if found else None

    def page(self, *, year: int | None, customer: str | None, limit: int, after: str | None) -> Listed[InvoiceView]:
        before = key_of(after, int)
        listed = [None if customer is None else customer.casefold(), year]
        newest = [*listed, before[0] - 1 if before else {}]
        rows = self.view(
            "invoices", descending=True, startkey=newest, endkey=listed, limit=limit + 1, include_docs=True
        )
        return page_of([row["doc"] for row in rows], limit)

    def invoiced(self, year: int) -> dict[int, Sum]:
        return self._by_month("invoices", year)

    def credited(self, year: int) -> dict[int, Sum]:
        return self._by_month("credit_notes", year)

    def _by_month(self, table: str, year: int) -> dict[int, Sum]:
        rows = self.view("months", group=True, startkey=[table, year], endkey=[table, year, {}])
        return {row["key"][2]: _sum(row["value"]) for row in rows}


def _sum(stats: Mapping[str, Any]) -> Sum:
    return Sum(amount=int(stats["sum"]), documents=int(stats["count"]))
