"""An order's events across all services, in the form shown to its customer. Pure."""

from collections.abc import Iterable

from order_svc.deciding import Saga, evolve, readable, saga_of
from shop.contracts import names
from shop.contracts.codec import dump
from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import UnknownOrder
from shop.contracts.events import (
    CreditNoteIssued,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    Event,
    InvoiceIssued,
    OrderCancelled,
    OrderPlaced,
    OrderRejected,
    StockRejected,
    StockReleased,
    StockReserved,
    UnitsReleased,
    UnitsReserved,
)
from shop.contracts.views import HistoryEntry, RecordView
from shop.contracts.wire import Wire

TOLD: dict[type[Event], tuple[str, ...]] = {
    OrderPlaced: ("total",),
    OrderRejected: ("reasons",),
    StockReserved: ("units",),
    StockRejected: ("shortages",),
    StockReleased: ("units",),
    UnitsReserved: ("product_id", "quantity"),
    UnitsReleased: ("product_id", "quantity"),
    CreditReserved: ("amount",),
    CreditRejected: ("amount", "available"),
    CreditReleased: ("amount",),
    InvoiceIssued: ("total",),
    CreditNoteIssued: ("total",),
}
"""Fields of each event that are shown unchanged."""


def owner_in(events: Iterable[RecordedEvent], order_id: str) -> str:
    """The order's customer. Raises: UnknownOrder, for an order that was never placed."""
    order = saga_of(events).order
    if order.placed is None:
        raise UnknownOrder(order_id)
    return order.placed.customer


def history_of(events: Iterable[RecordedEvent]) -> list[HistoryEntry]:
    """Every event of the order's saga, oldest first: `{at, event, state, detail}`.

    `state`: the order's status after it.
    """
    told: list[HistoryEntry] = []
    state = Saga()
    for recorded in events:
        event = readable(recorded)
        state = evolve(state, event) if event else state
        told.append(
            {
                "at": recorded.at,
                "event": recorded.type,
                "state": state.order.status and str(state.order.status),
                "detail": _detail(event, recorded) if event else {},
            }
        )
    return told


def with_records(told: list[HistoryEntry], events: Iterable[RecordedEvent]) -> list[HistoryEntry]:
    """The same history with each event's record in the log."""
    return [{**entry, "recorded": _record(recorded)} for entry, recorded in zip(told, events, strict=True)]


def _record(recorded: RecordedEvent) -> RecordView:
    return {
        "position": recorded.position,
        "stream": recorded.stream,
        "version": recorded.version,
        "causation": recorded.causation,
        "actor": recorded.actor,
        "service": recorded.service,
        "data": recorded.fields,
    }


def _detail(event: Event, recorded: RecordedEvent) -> Wire:
    fields = dump(event)
    detail = {name: fields[name] for name in TOLD.get(type(event), ())}
    match event:
        case OrderCancelled():
            detail["by"] = recorded.actor.partition(":")[0]
        case InvoiceIssued():
            detail["invoice"] = names.invoice_number(event.year, event.number)
        case CreditNoteIssued():
            detail["credit_note"] = names.credit_note_number(event.year, event.number)
            detail["invoice"] = names.invoice_number(event.invoice_year, event.invoice_number)
    return detail
