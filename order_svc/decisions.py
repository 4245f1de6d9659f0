"""Decisions made on the log and turned into the commit that happens once: `place:<order id>`, `decide:<order id>`."""

from collections.abc import Callable
from uuid import UUID

from order_svc import saga
from order_svc.domain import ORDER, PlaceOrder, decide
from order_svc.saga import Saga, readable, saga_of
from shop.chassis.work import Work
from shop.contracts.commits import Commit
from shop.contracts.events import CreditRejected, CreditReserved, Event, StockRejected, StockReserved

ANSWERS = (StockReserved, StockRejected, CreditReserved, CreditRejected)
ANSWER_NAMES = frozenset(answer.__name__ for answer in ANSWERS)


def place_order(place: PlaceOrder, work: Work) -> Commit | None:
    """Place the order, unless that has been done."""
    events = decide(work.load(ORDER, place.order_id), place)
    return work.commit(events, once=f"place:{place.order_id}", correlation_id=place.order_id)


def decide_order(order_id: UUID, work: Work) -> Commit | None:
    """Approve or reject an order as soon as both answers are in."""
    return _commit(order_id, work, saga.decide)


def reject_late_order(order_id: UUID, work: Work) -> Commit | None:
    """Reject an order that nobody answered in time."""
    return _commit(order_id, work, saga.time_out)


def _commit(order_id: UUID, work: Work, verdict: Callable[[Saga], list[Event]]) -> Commit | None:
    return work.commit(verdict(_saga(order_id, work)), once=f"decide:{order_id}", correlation_id=order_id)


def _saga(order_id: UUID, work: Work) -> Saga:
    """The order from its own stream, whose version the commit then expects; the answers from all that belongs to it."""
    order = work.load(ORDER, order_id)
    answers = (readable(recorded) for recorded in work.correlated(order_id) if recorded.type in ANSWER_NAMES)
    return saga_of(filter(None, answers), order=order)
