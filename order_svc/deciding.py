"""A step of the order saga: approve or reject once both reservation results are in, or after the timeout. Pure.

Choreography without an orchestrator: each service reacts to the log. This process manager makes the only decision. The
table of all steps is in `order_svc/saga.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from order_svc import domain
from order_svc.domain import ORDER, Order, Status
from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.decisions import DecisionContext, reacts_to
from shop.contracts.events import (
    CreditRejected,
    CreditReserved,
    Event,
    OrderApproved,
    OrderRejected,
    Reason,
    StockRejected,
    StockReserved,
)

ANSWERS = frozenset(event.__name__ for event in (StockReserved, StockRejected, CreditReserved, CreditRejected))

ORDER_OF_REASONS = (Reason.OUT_OF_STOCK, Reason.NOT_ON_SALE, Reason.INSUFFICIENT_CREDIT, Reason.TIMED_OUT)


class SagaAnswer(StrEnum):
    """A service's reservation result."""

    PENDING = "pending"
    RESERVED = "reserved"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Saga:
    """An order with its reservation results so far. `refusals`: the reasons of rejections."""

    order: Order = Order()
    stock: SagaAnswer = SagaAnswer.PENDING
    credit: SagaAnswer = SagaAnswer.PENDING
    refusals: frozenset[Reason] = frozenset()

    @property
    def is_answered(self) -> bool:
        """Whether both results are in."""
        return SagaAnswer.PENDING not in (self.stock, self.credit)


def evolve(saga: Saga, event: Event) -> Saga:
    """The saga after any event with the order's correlation id."""
    match event:
        case StockReserved():
            return replace(saga, stock=SagaAnswer.RESERVED)
        case StockRejected():
            reasons = {shortage.reason for shortage in event.shortages}
            return replace(saga, stock=SagaAnswer.REJECTED, refusals=saga.refusals | reasons)
        case CreditReserved():
            return replace(saga, credit=SagaAnswer.RESERVED)
        case CreditRejected():
            return replace(saga, credit=SagaAnswer.REJECTED, refusals=saga.refusals | {Reason.INSUFFICIENT_CREDIT})
    return replace(saga, order=domain.evolve(saga.order, event))


class Deciding:
    """The reaction that decides on orders."""

    @reacts_to(StockReserved, StockRejected, CreditReserved, CreditRejected)
    def decide_order(
        self, answer: StockReserved | StockRejected | CreditReserved | CreditRejected, context: DecisionContext
    ) -> Commit | None:
        """Approve or reject an order once both reservation results are in: `decide:<order id>`."""
        saga = answers_to(answer.order_id, context)
        return _commit(decide, saga, answer.order_id, context) if saga.is_answered else None


def reject_late_order(order_id: UUID, context: DecisionContext) -> Commit | None:
    """Reject an order whose reservation results are overdue: `decide:<order id>`."""
    return _commit(time_out, answers_to(order_id, context), order_id, context)


def decide(saga: Saga) -> list[Event]:
    """Approve an order with both reservations, reject one with a rejection; no events while a result is missing."""
    if not saga.is_answered:
        return []
    if saga.stock == saga.credit == SagaAnswer.RESERVED:
        return approve(saga.order)
    return reject(saga.order, saga.refusals)


def time_out(saga: Saga) -> list[Event]:
    """Reject an order whose result is overdue, with the reasons of known rejections as well."""
    return decide(saga) or reject(saga.order, saga.refusals | {Reason.TIMED_OUT})


def approve(order: Order) -> list[Event]:
    """Approve an order that is still undecided."""
    if order.placed is None or order.status is not Status.PLACED:
        return []
    placed = order.placed
    return [
        OrderApproved(
            order_id=placed.order_id,
            customer=placed.customer,
            lines=placed.lines,
            total=placed.total,
            address=placed.address,
        )
    ]


def reject(order: Order, reasons: Iterable[Reason]) -> list[Event]:
    """Reject an order that is still undecided."""
    if order.placed is None or order.status is not Status.PLACED:
        return []
    in_order = tuple(sorted(reasons, key=ORDER_OF_REASONS.index))
    return [OrderRejected(order_id=order.placed.order_id, customer=order.placed.customer, reasons=in_order)]


def answers_to(order_id: UUID, context: DecisionContext) -> Saga:
    """The answers to the order so far. The order itself is loaded for its version; other events are not decoded."""
    return saga_of(recorded for recorded in context.correlated(order_id) if recorded.type in ANSWERS)


def saga_of(events: Iterable[RecordedEvent | Event]) -> Saga:
    """The saga after these events, in log order.

    An unreadable event counts as missing: the timeout ends such an order.
    """
    saga = Saga()
    for event in events:
        told = readable(event) if isinstance(event, RecordedEvent) else event
        saga = evolve(saga, told) if told else saga
    return saga


def readable(recorded: RecordedEvent) -> Event | None:
    """The event; None for an unreadable one."""
    try:
        return recorded.event
    except (KeyError, TypeError, ValueError):
        return None


def _commit(
    verdict: Callable[[Saga], Sequence[Event]], saga: Saga, order_id: UUID, context: DecisionContext
) -> Commit | None:
    """The commit of a verdict on the order, which expects the present version of the order's stream."""
    events = verdict(replace(saga, order=context.load(ORDER, order_id)))
    return context.commit(events, once=f"decide:{order_id}", correlation_id=order_id)
