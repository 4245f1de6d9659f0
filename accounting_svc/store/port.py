"""The port of the accounting read model: its queries and projections, for any kind of database."""

from typing import Protocol

from accounting_svc.domain import Sum
from shop.contracts.commits import RecordedEvent
from shop.contracts.views import InvoiceView, Listed


class Invoices(Protocol):
    """Invoices and credit notes."""

    # Projections

    def add_invoice(self, recorded: RecordedEvent) -> None: ...

    def add_credit_note(self, recorded: RecordedEvent) -> None:
        """Insert the credit note, and mark the invoice as credited."""

    # Reading

    def invoice(self, number: str) -> InvoiceView | None:
        """One invoice in the RPC form."""

    def page(self, *, year: int | None, customer: str | None, limit: int, after: str | None) -> Listed[InvoiceView]:
        """Invoices newest first: `{items, next}`. Raises: InvalidRequest, for an unknown cursor."""
        ...

    def invoiced(self, year: int) -> dict[int, Sum]:
        """Sums by month of issue, for the months with invoices."""
        ...

    def credited(self, year: int) -> dict[int, Sum]:
        """Sums by month of issue, for the months with credit notes."""
        ...
