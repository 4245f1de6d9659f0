"""The expected accounting read model."""

from collections.abc import Mapping
from typing import Any

from accounting_svc.store import credit_note_row, invoice_row
from shop.audit.large import LargeDict
from shop.audit.rows import Digest, Keyed
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, Event, InvoiceIssued

LARGE = ("lines", "address", "seller")


class ExpectedDocuments:
    """Invoices and credit notes."""

    def __init__(self) -> None:
        self._invoices: LargeDict[str, dict[str, Any]] = LargeDict()
        self._credit_notes: LargeDict[str, dict[str, Any]] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        match event:
            case InvoiceIssued():
                row = invoice_row(event, recorded.position)
                small = {name: Digest.of(row[name]) for name in LARGE}
                self._invoices[row["number"]] = row | small
            case CreditNoteIssued():
                row = credit_note_row(event)
                self._credit_notes[row["number"]] = row
                self._invoices.get(row["invoice"], {})["credited_by"] = row["number"]

    def tables(self) -> Mapping[str, Keyed]:
        return {"invoices": self._invoices, "credit_notes": self._credit_notes}
