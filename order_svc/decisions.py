"""Decisions made on the log and turned into the commit that happens once: `place:<order id>`, `decide:<order id>`."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from order_svc import saga
from order_svc.domain import ORDER, CancelOrder, PlaceOrder, ShipOrder, decide
from order_svc.saga import Saga, readable, saga_of
from shop.contracts.actors import Actor, require_owner
from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.errors import UnknownOrder
from shop.contracts.events import CreditRejected, CreditReserved, Event, OrderPlaced, StockRejected, StockReserved
from shop.event_sourcing.decision_context import Work

ANSWERS = (StockReserved, StockRejected, CreditReserved, CreditRejected)
ANSWER_NAMES = frozenset(answer.__name__ for answer in ANSWERS)


def place_order(place: PlaceOrder, work: Work) -> Commit | None:
    """Place the order, unless that has been done."""
    events = decide(work.load_new(ORDER, place.order_id), place)
    return work.commit(events, once=f"place:{place.order_id}", correlation_id=place.order_id)


def change_order(order_id: UUID, command: CancelOrder | ShipOrder, actor: Actor, work: Work) -> Commit | None:
    """Cancel or ship an order, for its owner or a manager. Raises: UnknownOrder, and what the rules say."""
    order = work.load(ORDER, order_id)
    if order.placed is None:
        raise UnknownOrder(str(order_id))
    require_owner(actor, order.placed.customer, UnknownOrder, order_id)
    return work.commit(decide(order, command), once=work.command_id, correlation_id=order_id)


def decide_order(order_id: UUID, work: Work) -> Commit | None:
    """Approve or reject an order as soon as both answers are in. Until then, its own stream need not be read.

    Answers come after the order. Who has seen it being placed has seen all of them so far; others ask the log.
    """
    seen = work.seen(order_id)
    was_placed = any(recorded.type == OrderPlaced.__name__ for recorded in seen)
    answers = _answers(seen if was_placed else work.correlated(order_id))
    return _commit(order_id, work, answers, saga.decide) if saga_of(answers).is_answered else None


def reject_late_order(order_id: UUID, work: Work) -> Commit | None:
    """Reject an order that nobody answered in time."""
    return _commit(order_id, work, _answers(work.correlated(order_id)), saga.time_out)


def _commit(
    order_id: UUID, work: Work, answers: Sequence[Event], verdict: Callable[[Saga], list[Event]]
) -> Commit | None:
    """The verdict on the order as its own stream tells of it, whose version the commit then expects."""
    events = verdict(saga_of(answers, order=work.load(ORDER, order_id)))
    return work.commit(events, once=f"decide:{order_id}", correlation_id=order_id)


def _answers(recorded: Iterable[RecordedEvent]) -> Sequence[Event]:
    """What the other services have said, as far as it can be read."""
    answers = (readable(event) for event in recorded if event.type in ANSWER_NAMES)
    return [answer for answer in answers if answer is not None]
