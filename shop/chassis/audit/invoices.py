"""Invoices and credit notes: numbers without gaps, one for each order that asks for one, saying what the order says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shop.chassis.audit.checks import LogCheck, count
from shop.chassis.audit.large import LargeDict
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditNoteIssued, Event, InvoiceIssued, OrderApproved, OrderCancelled
from shop.contracts.names import credit_note_number, invoice_number


@dataclass(slots=True)
class _Sale:
    """An approved order. `last`: when it got there (ISO 8601); `said`: a hash of what its invoice must say."""

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
        for fault in self._missing(settled_before):
            self.faults.add(fault)
        invoices, notes = self._documents[InvoiceIssued], self._documents[CreditNoteIssued]
        return f"{count(invoices, 'invoice')} and {count(notes, 'credit note')}"

    def _number(self, recorded: RecordedEvent, event: InvoiceIssued | CreditNoteIssued) -> None:
        self._last[event.stream] += 1
        expected = self._last[event.stream]
        right = event.number == recorded.version == expected
        self.faults.require(right, f"{event.stream} has number {event.number} in place {expected}")
        right = event.year == event.issued_at.year
        self.faults.require(right, f"number {event.number} of {event.stream} was issued in {event.issued_at.year}")

    def _file(self, event: InvoiceIssued | CreditNoteIssued) -> None:
        document, sale = _name(event), self._sales.get(event.order_id)
        if sale is None:
            self.faults.add(f"{document} is for order {event.order_id}, which was not approved")
        elif isinstance(event, InvoiceIssued):
            self.faults.require(sale.invoice is None, f"{document} is the second one for order {event.order_id}")
            said = hash((event.customer, event.lines, event.total, event.address))
            self.faults.require(said == sale.said, f"{document} does not say what order {event.order_id} says")
            sale.invoice = (event.year, event.number)
        else:
            right = sale.cancelled and not sale.credited
            self.faults.require(right, f"{document} is for order {event.order_id}, which does not ask for one")
            right = sale.invoice == (event.invoice_year, event.invoice_number) and event.total.amount == sale.total
            self.faults.require(right, f"{document} takes back another invoice than that of order {event.order_id}")
            sale.credited = True

    def _missing(self, settled_before: str) -> Iterator[str]:
        for order_id, sale in self._sales.each():
            if sale.last < settled_before and sale.invoice is None:
                yield f"order {order_id} was approved, and has no invoice"
            if sale.last < settled_before and sale.cancelled and not sale.credited:
                yield f"order {order_id} was cancelled after its approval, and has no credit note"


def _name(event: InvoiceIssued | CreditNoteIssued) -> str:
    if isinstance(event, InvoiceIssued):
        return f"invoice {invoice_number(event.year, event.number)}"
    return f"credit note {credit_note_number(event.year, event.number)}"
