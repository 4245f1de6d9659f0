"""Invoices and credit notes for tests of the accounting store, shown as the service shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from accounting_svc.store import CouchInvoices, SqlInvoices
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, InvoiceIssued
from shop.read_models.couchdb import CouchReadModel
from shop.read_models.read_model import Namespace
from shop.read_models.sql import SqlReadModel
from tests.contract.support.opening import opened
from tests.unit.support.order_builders import credited, invoiced, line, placed, recorded


def opened_accounting(url: str) -> Any:
    """The service's store on a database, as another process has it. To be stopped in the end."""
    return opened(url, SqlReadModel(SqlInvoices), CouchReadModel(CouchInvoices), service="accounting")


def show(event: RecordedEvent, rows: Any) -> None:
    """Both of the service's projections."""
    if event.type == "InvoiceIssued":
        rows.add_invoice(event)
    else:
        rows.add_credit_note(event)


class Books:
    """A read model that is current, and filled by the test.

    Args:
        model: the service's store.
    """

    def __init__(self, model: Any):
        self.model = model
        self.namespace: Namespace = model.create("log")
        model.switch(self.namespace)
        self.events: list[RecordedEvent] = []
        self._pending: list[RecordedEvent] = []
        self._apart = True

    def add(
        self, number: int, *, customer: str = "Ada", cents: int = 999, month: int = 11, year: int = 2026
    ) -> InvoiceIssued:
        order = placed(line(quantity=1, price=cents), order_id=uuid4(), customer=customer)
        return self.show(invoiced(order, number=number, at=on(month, year)))

    def take_back(self, invoice: InvoiceIssued, number: int, month: int = 12, year: int = 2026) -> CreditNoteIssued:
        return self.show(credited(invoice, number=number, at=on(month, year)))

    def show(self, event: Any) -> Any:
        self.events.append(recorded(event, position=len(self.events) + 1))
        self._pending.append(self.events[-1])
        if self._apart:
            self._flush()
        return event

    @contextmanager
    def in_one_batch(self) -> Iterator[None]:
        self._apart = False
        yield
        self._apart = True
        self._flush()

    def read(self, question: str, *args: Any, **kwargs: Any) -> Any:
        with self.model.reading() as rows:
            return getattr(rows, question)(*args, **kwargs)

    def page(self, **changes: Any) -> Any:
        """Of everything, unless chosen otherwise."""
        return self.read("page", **({"year": None, "customer": None, "limit": 20, "after": None} | changes))

    def _flush(self) -> None:
        self.namespace = self.model.project(self.namespace, self._pending, len(self.events), show)
        self._pending = []


def on(month: int, year: int) -> datetime:
    return datetime(year, month, 1, 12, 0, tzinfo=UTC)


def numbers(page: dict[str, Any]) -> list[str]:
    return [invoice["number"] for invoice in page["items"]]
