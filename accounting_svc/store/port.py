"""What the service asks of its database, whichever that is."""

from typing import Protocol

from accounting_svc.domain import Sum
from shop.contracts.commits import RecordedEvent
from shop.contracts.views import InvoiceView, Listed


class Invoices(Protocol):
    """Invoices and credit notes as they are shown."""

    # Projections

    def add_invoice(self, recorded: RecordedEvent) -> None: ...

    def add_credit_note(self, recorded: RecordedEvent) -> None:
        """Show the credit note, and on the invoice that it is taken back."""

    # Reading

    def invoice(self, number: str) -> InvoiceView | None:
        """One invoice in the form of RPC."""

    def page(self, *, year: int | None, customer: str | None, limit: int, after: str | None) -> Listed[InvoiceView]:
        """Invoices newest first: `{items, next}`. Raises: InvalidRequest, for an unknown cursor."""
        ...

    def invoiced(self, year: int) -> dict[int, Sum]:
        """By month of issue, for the months that have invoices."""
        ...

    def credited(self, year: int) -> dict[int, Sum]:
        """By month of issue, for the months that have credit notes."""
        ...
