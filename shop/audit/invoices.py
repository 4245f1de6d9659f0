"""Invoices and credit notes: consecutive numbers, one for each order that needs one, consistent with the order."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from shop.audit.checks import LogCheck, count
from shop.audit.large import LargeDict
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, Event, InvoiceIssued, OrderApproved, OrderCancelled
from shop.contracts.names import credit_note_number, invoice_number


@dataclass(slots=True)
class _Sale:
    """An approved order. `last`: time of its last event (ISO 8601); `said`: a hash of the expected invoice."""

    last: str
    said: int
    total: int
    invoice: tuple[int, int] | None = None
    cancelled: bool = False
    credited: bool = False


class InvoicesGapless(LogCheck):
    """Documents are numbered 1, 2, 3 … by year; approved orders have an invoice, cancelled ones also a credit note."""

    name = "invoices gapless, one per approved order"

    def __init__(self) -> None:
        super().__init__()
        self._last: Counter[str] = Counter()
        self._sales: LargeDict[UUID, _Sale] = LargeDict()
        self._documents: Counter[type[Event]] = Counter()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        match event:
            case OrderApproved():
                said = hash((event.customer, event.lines, event.total, event.address))
                self._sales[event.order_id] = _Sale(recorded.at, said, event.total.amount)
            case OrderCancelled(order_id=order_id) if order_id in self._sales:
                self._sales[order_id].cancelled, self._sales[order_id].last = True, recorded.at
            case InvoiceIssued() | CreditNoteIssued():
                self._number(recorded, event)
                self._documents[type(event)] += 1
                self._file(event)

    def end(self, settled_before: str) -> str:
        self._require_documents(settled_before)
        invoices, notes = self._documents[InvoiceIssued], self._documents[CreditNoteIssued]
        return f"{count(invoices, 'invoice')} and {count(notes, 'credit note')}"

    def _number(self, recorded: RecordedEvent, event: InvoiceIssued | CreditNoteIssued) -> None:
        self._last[event.stream] += 1
        expected = self._last[event.stream]
        right = event.number == recorded.version == expected
        self.faults.require(
            right,
            "{stream} has number {number} in place {place}",
            stream=event.stream,
            number=event.number,
            place=expected,
        )
        right = event.year == event.issued_at.year
        self.faults.require(
            right,
            "number {number} of {stream} was issued in {year}",
            number=event.number,
            stream=event.stream,
            year=event.issued_at.year,
        )

    def _file(self, event: InvoiceIssued | CreditNoteIssued) -> None:
        sale = self._sales.get(event.order_id)
        which = {"document": _name(event), "order": event.order_id}
        if sale is None:
            self.faults.add("{document} is for order {order}, which was not approved", **which)
        elif isinstance(event, InvoiceIssued):
            self.faults.require(sale.invoice is None, "{document} is the second one for order {order}", **which)
            said = hash((event.customer, event.lines, event.total, event.address))
            self.faults.require(said == sale.said, "{document} does not say what order {order} says", **which)
            sale.invoice = (event.year, event.number)
        else:
            right = sale.cancelled and not sale.credited
            self.faults.require(right, "{document} is for order {order}, which does not ask for one", **which)
            right = sale.invoice == (event.invoice_year, event.invoice_number) and event.total.amount == sale.total
            self.faults.require(right, "{document} takes back another invoice than that of order {order}", **which)
            sale.credited = True

    def _require_documents(self, settled_before: str) -> None:
        for order_id, sale in self._sales.each():
            if sale.last >= settled_before:
                continue
            self.faults.require(sale.invoice, "order {order} was approved, and has no invoice", order=order_id)
            self.faults.require(
                sale.credited or not sale.cancelled,
                "order {order} was cancelled after its approval, and has no credit note",
                order=order_id,
            )


def _name(event: InvoiceIssued | CreditNoteIssued) -> str:
    if isinstance(event, InvoiceIssued):
        return f"invoice {invoice_number(event.year, event.number)}"
    return f"credit note {credit_note_number(event.year, event.number)}"
