"""The order saga, top to bottom. Pure: it folds what the services said about an order and decides on it.

Nobody conducts the services; each reacts to what it reads in the log. The one decision is made here.

| Step | Who                | On                             | Records (command id)                             |
|------|--------------------|--------------------------------|--------------------------------------------------|
| 1    | orders             | a customer's request           | OrderPlaced (`place:<id>`)                       |
| 2a   | products           | OrderPlaced                    | StockReserved or StockRejected (`stock:<id>`)    |
| 2b   | customers          | OrderPlaced                    | CreditReserved or CreditRejected (`credit:<id>`) |
| 3    | orders: `decide`   | both answers                   | OrderApproved or OrderRejected (`decide:<id>`)   |
|      | orders: `time_out` | an answer missing for too long | OrderRejected (`decide:<id>`)                    |
|      | orders             | somebody cancels               | OrderCancelled                                   |
| 4a   | accounting         | OrderApproved                  | InvoiceIssued (`invoice:<id>`)                   |
| 4b   | products           | OrderRejected, OrderCancelled  | StockReleased (`stock-release:<id>`), if held    |
|      | customers          | OrderRejected, OrderCancelled  | CreditReleased (`credit-release:<id>`), if held  |
| 4c   | accounting         | OrderCancelled after approval  | CreditNoteIssued (`credit-note:<id>`)            |
| 5    | orders             | a manager ships it             | OrderShipped                                     |
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from order_svc import domain
from order_svc.domain import ApproveOrder, Order, RejectOrder
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditRejected, CreditReserved, Event, Reason, StockRejected, StockReserved

ORDER_OF_REASONS = (Reason.OUT_OF_STOCK, Reason.NOT_ON_SALE, Reason.INSUFFICIENT_CREDIT, Reason.TIMED_OUT)


class Answer(StrEnum):
    """What a service said to the order."""

    PENDING = "pending"
    RESERVED = "reserved"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Saga:
    """An order, and what was answered to it so far. `refusals`: why not, where something was refused."""

    order: Order = Order()
    stock: Answer = Answer.PENDING
    credit: Answer = Answer.PENDING
    refusals: frozenset[Reason] = frozenset()

    @property
    def is_answered(self) -> bool:
        """Whether both services have said something."""
        return Answer.PENDING not in (self.stock, self.credit)


def decide(saga: Saga) -> list[Event]:
    """Approve what is held completely, reject what is not; wait while an answer is missing."""
    if not saga.is_answered:
        return []
    if saga.stock == saga.credit == Answer.RESERVED:
        return domain.decide(saga.order, ApproveOrder())
    return domain.decide(saga.order, RejectOrder(reasons=_in_order(saga.refusals)))


def time_out(saga: Saga) -> list[Event]:
    """Reject an order that waited too long for an answer, for what is known to be refused as well."""
    answered = decide(saga)
    late = RejectOrder(reasons=_in_order(saga.refusals | {Reason.TIMED_OUT}))
    return answered or domain.decide(saga.order, late)


def evolve(saga: Saga, event: Event) -> Saga:
    """The saga after any event that belongs to the order."""
    match event:
        case StockReserved():
            return replace(saga, stock=Answer.RESERVED)
        case StockRejected():
            reasons = {shortage.reason for shortage in event.shortages}
            return replace(saga, stock=Answer.REJECTED, refusals=saga.refusals | reasons)
        case CreditReserved():
            return replace(saga, credit=Answer.RESERVED)
        case CreditRejected():
            return replace(saga, credit=Answer.REJECTED, refusals=saga.refusals | {Reason.INSUFFICIENT_CREDIT})
    return replace(saga, order=domain.evolve(saga.order, event))


def saga_of(events: Iterable[Event], order: Order | None = None) -> Saga:
    """The saga that these events, in log order, tell of.

    Args:
        order: as it is known to stand, where the events are the others' answers alone.
    """
    saga = Saga(order=order or Order())
    for event in events:
        saga = evolve(saga, event)
    return saga


def readable(recorded: RecordedEvent) -> Event | None:
    """The event; None for one that cannot be read, which is as good as never said: the time-out ends such an order."""
    try:
        return recorded.event
    except (KeyError, TypeError, ValueError):
        return None


def _in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=ORDER_OF_REASONS.index))
