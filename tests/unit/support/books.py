"""A small sound log, and what it takes to doctor it: the audit must see every change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shop.audit.checks import Check, LogCheck, settled_before
from shop.contracts.codec import dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import (
    CreditAdjusted,
    CreditNoteIssued,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    InvoiceIssued,
    OrderApproved,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    ProductAdded,
    ProductWithdrawn,
    Reason,
    Role,
    Seller,
    Shortage,
    StockAdjusted,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
    UnitsReleased,
    UnitsReserved,
)
from shop.contracts.money import Money

BEGINNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = BEGINNING + timedelta(hours=1)
TEA, CUP, GONE = (UUID(int=number) for number in (1, 2, 3))
SHIPPED, TAKEN_BACK, TOO_DEAR, TOO_MANY, CALLED_OFF, APPROVED = (UUID(int=number) for number in range(11, 17))
SELLER = Seller(name="Shop", address="1 Square", tax_id="DE0")

Doctor = Callable[[list[RecordedEvent]], Iterable[RecordedEvent]]


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def sound_log() -> list[RecordedEvent]:
    """Two customers, three products, six orders with every kind of end."""
    commits: list[Sequence[Event]] = [
        [CustomerRegistered(username="Ann", full_name="A", email="a@b.c", role=Role.CUSTOMER, credit=euros(10_000))],
        [CustomerRegistered(username="bob", full_name="B", email="b@b.c", role=Role.CUSTOMER, credit=euros(0))],
        [CreditAdjusted(username="ann", change=euros(5_000), reason="gift")],
        *([added(product, units)] for product, units in ((TEA, 10), (CUP, 5), (GONE, 1))),
        [StockAdjusted(product_id=TEA, change=-1, reason="broken")],
        [ProductWithdrawn(product_id=GONE)],
        *approved(SHIPPED, 2, number=1),
        [OrderShipped(order_id=SHIPPED)],
        *approved(TAKEN_BACK, 3, number=2),
        [OrderCancelled(order_id=TAKEN_BACK, customer="Ann", was_approved=True)],
        *released(TAKEN_BACK, 3),
        [credit_note(TAKEN_BACK, 3, number=1, invoice=2)],
        [placed(TOO_DEAR, 1, customer="bob")],
        reserved(TOO_DEAR, 1),
        [CreditRejected(username="bob", order_id=TOO_DEAR, amount=euros(100), available=euros(0))],
        [OrderRejected(order_id=TOO_DEAR, customer="bob", reasons=(Reason.INSUFFICIENT_CREDIT,))],
        given_back(TOO_DEAR, 1),
        [placed(TOO_MANY, 50)],
        [CreditReserved(username="Ann", order_id=TOO_MANY, amount=euros(5_000))],
        [StockRejected(order_id=TOO_MANY, shortages=(shortage(TEA, 50, 7, Reason.OUT_OF_STOCK),))],
        [OrderRejected(order_id=TOO_MANY, customer="Ann", reasons=(Reason.OUT_OF_STOCK,))],
        [CreditReleased(username="Ann", order_id=TOO_MANY, amount=euros(5_000))],
        [placed(CALLED_OFF, 1)],
        [OrderCancelled(order_id=CALLED_OFF, customer="Ann", was_approved=False)],
        reserved(CALLED_OFF, 1),
        given_back(CALLED_OFF, 1),
        *approved(APPROVED, 1, number=3),
    ]
    return recorded_commits(commits)


def recorded_commits(commits: Iterable[Sequence[Event]], first: int = 1, at: datetime = BEGINNING) -> Any:
    """The events as the log would keep them, a second apart."""
    versions: dict[str, int] = {}
    events = []
    for position, commit in enumerate(commits, start=first):
        for event in commit:
            versions[event.stream] = versions.get(event.stream, 0) + 1
            time = dump_time(at + timedelta(seconds=position))
            events.append(recorded(event, position, versions[event.stream], time))
    return events


def recorded(event: Event, position: int, version: int, at: str) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream=event.stream,
        version=version,
        type=type(event).__name__,
        fields=event.dump(),
        at=at,
        correlation_id="a saga",
        causation=0,
        actor="operator:operator",
        service="tests",
    )


# Events


def added(product: UUID, units: int) -> Event:
    return ProductAdded(
        product_id=product, name="P", description="", supplier="S", category_id=UUID(int=9), price=euros(100),
        units_in_stock=units,
    )  # fmt: skip


def lines(quantity: int) -> tuple[OrderLine, ...]:
    return (OrderLine(product_id=TEA, name="Tea", quantity=quantity, unit_price=euros(100)),)


def placed(order_id: UUID, quantity: int, customer: str = "Ann") -> Event:
    total = euros(100 * quantity)
    return OrderPlaced(order_id=order_id, customer=customer, lines=lines(quantity), total=total, address=None)


def reserved(order_id: UUID, quantity: int) -> list[Event]:
    units = (Units(product_id=TEA, quantity=quantity),)
    return [
        StockReserved(order_id=order_id, units=units),
        UnitsReserved(product_id=TEA, order_id=order_id, quantity=quantity),
    ]


def given_back(order_id: UUID, quantity: int) -> list[Event]:
    units = (Units(product_id=TEA, quantity=quantity),)
    return [
        StockReleased(order_id=order_id, units=units),
        UnitsReleased(product_id=TEA, order_id=order_id, quantity=quantity),
    ]


def shortage(product: UUID, requested: int, available: int, reason: Reason) -> Shortage:
    return Shortage(product_id=product, requested=requested, available=available, reason=reason)


def approved(order_id: UUID, quantity: int, *, number: int) -> list[Sequence[Event]]:
    total = euros(100 * quantity)
    return [
        [placed(order_id, quantity)],
        reserved(order_id, quantity),
        [CreditReserved(username="Ann", order_id=order_id, amount=total)],
        [OrderApproved(order_id=order_id, customer="Ann", lines=lines(quantity), total=total, address=None)],
        [invoice(order_id, quantity, number=number)],
    ]


def released(order_id: UUID, quantity: int) -> list[Sequence[Event]]:
    amount = euros(100 * quantity)
    return [[CreditReleased(username="Ann", order_id=order_id, amount=amount)], given_back(order_id, quantity)]


def invoice(order_id: UUID, quantity: int, *, number: int) -> Event:
    return InvoiceIssued(
        year=2026, number=number, order_id=order_id, customer="Ann", address=None, seller=SELLER,
        lines=lines(quantity), tax_percent="0", tax=euros(0), total=euros(100 * quantity), issued_at=BEGINNING,
    )  # fmt: skip


def credit_note(order_id: UUID, quantity: int, *, number: int, invoice: int) -> Event:
    return CreditNoteIssued(
        year=2026, number=number, order_id=order_id, customer="Ann", invoice_year=2026, invoice_number=invoice,
        tax=euros(0), total=euros(100 * quantity), issued_at=BEGINNING,
    )  # fmt: skip


# Doctoring


def without(type_: str, order_id: UUID | None = None) -> Doctor:
    """Leave out such events."""
    return lambda events: [event for event in events if not _is(event, type_, order_id)]


def changed(type_: str, order_id: UUID | None = None, **fields: Any) -> Doctor:
    """Have such an event say something else; amounts in cents."""

    def doctor(events: list[RecordedEvent]) -> Iterable[RecordedEvent]:
        return [_saying(event, fields) if _is(event, type_, order_id) else event for event in events]

    return doctor


def twice(type_: str, order_id: UUID | None = None) -> Doctor:
    """Have such an event happen again, in the end."""
    return lambda events: [*events, *(_again(event, events) for event in events if _is(event, type_, order_id))]


def followed_by(*happened: Event) -> Doctor:
    """Have something else happen in the end, in one commit."""
    return lambda events: [*events, *recorded_commits([happened], first=events[-1].position + 1)]


def _saying(event: RecordedEvent, fields: dict[str, Any]) -> RecordedEvent:
    sums = {name: euros(value).dump() for name, value in fields.items() if isinstance(event.fields[name], dict)}
    return replace(event, fields=event.fields | fields | sums)


def _is(event: RecordedEvent, type_: str, order_id: UUID | None) -> bool:
    return event.type == type_ and (order_id is None or event.fields.get("order_id") == str(order_id))


def _again(event: RecordedEvent, events: list[RecordedEvent]) -> RecordedEvent:
    return replace(event, position=events[-1].position + 1, version=event.version + 1)


# Auditing


def verdict(check: type[LogCheck], events: Iterable[RecordedEvent], now: datetime = LATER) -> Check:
    """The check's verdict on the log."""
    audit = check()
    for event in events:
        audit.add(event, event.event)
    return audit.verdict(settled_before(now, order_timeout=30))
