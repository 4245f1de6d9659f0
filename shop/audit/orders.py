"""Orders: each decided once, on both reservation results, with the right reservations at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shop.audit.checks import LogCheck, count
from shop.audit.large import LargeDict
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import (
    CreditRejected,
    CreditReleased,
    CreditReserved,
    Event,
    OrderApproved,
    OrderCancelled,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    Reason,
    StockRejected,
    StockReleased,
    StockReserved,
)

OfStock = StockReserved | StockRejected | StockReleased
OfCredit = CreditReserved | CreditRejected | CreditReleased
OfOrder = OrderPlaced | OrderApproved | OrderRejected | OrderCancelled | OrderShipped

RESERVED = {"StockReserved", "CreditReserved"}
ANSWERS = {*RESERVED, "StockRejected", "CreditRejected"}
NOT_PLACED = "never placed"


@dataclass(slots=True)
class _Order:
    """State of one order in the log. `last`: time of its last event (ISO 8601)."""

    last: str = ""
    course: str = ""
    answers: set[str] = field(default_factory=set)
    refusals: set[Reason] = field(default_factory=set)


class OneDecisionPerOrder(LogCheck):
    """An order is placed, then approved, rejected or cancelled, on both results; its later events fit the decision."""

    name = "one decision per order"

    COURSES = (
        "OrderPlaced OrderApproved OrderShipped",
        "OrderPlaced OrderApproved OrderCancelled",
        "OrderPlaced OrderRejected",
        "OrderPlaced OrderCancelled",
    )
    """Possible sequences of an order's events."""

    def __init__(self) -> None:
        super().__init__()
        self._orders: LargeDict[UUID, _Order] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if not isinstance(event, OfOrder | OfStock | OfCredit):
            return
        order = self._orders.setdefault(event.order_id, _Order())
        order.last = recorded.at
        if isinstance(event, OfOrder):
            self._take_course(recorded, event, order)
        elif recorded.type in ANSWERS:
            self._answer(recorded, event, order)

    def end(self, settled_before: str) -> str:
        for order_id, order in self._orders.each():
            waits = order.course == "OrderPlaced" and order.last < settled_before
            self.faults.require(
                not waits, "order {order} waits for its decision since {moment}", order=order_id, moment=order.last
            )
        return count(self._orders, "order", "orders")

    def _take_course(self, recorded: RecordedEvent, event: OfOrder, order: _Order) -> None:
        which = {"order": event.order_id, "position": recorded.position}
        order.course = f"{order.course} {recorded.type}".lstrip()
        right = any(course.startswith(order.course) for course in self.COURSES)
        self.faults.require(right, "order {order} at {position}: {course}", course=order.course, **which)
        match event:
            case OrderApproved():
                self.faults.require(
                    order.answers == RESERVED,
                    "order {order} at {position} was approved on {answers}",
                    answers=order.answers,
                    **which,
                )
            case OrderRejected(reasons=reasons):
                self._judge(which, set(reasons), order)
            case OrderCancelled(was_approved=told):
                known = "OrderApproved" in order.course
                self.faults.require(
                    known or not told, "order {order} at {position} was cancelled as if it had been approved", **which
                )
                self.faults.require(
                    told or not known,
                    "order {order} at {position} was cancelled as if it had not been approved",
                    **which,
                )

    def _judge(self, which: Mapping[str, object], reasons: set[Reason], order: _Order) -> None:
        """A timeout may be decided while a reservation result is being recorded, and then misses it in its reasons."""
        late = Reason.TIMED_OUT in reasons
        refused = reasons - {Reason.TIMED_OUT}
        complete = len(order.answers) == 2 and refused == order.refusals
        right = reasons and (refused <= order.refusals if late else complete)
        self.faults.require(
            right,
            "order {order} at {position} was rejected for {reasons}, when {refusals} was refused",
            reasons=reasons,
            refusals=order.refusals,
            **which,
        )

    def _answer(self, recorded: RecordedEvent, event: OfStock | OfCredit, order: _Order) -> None:
        kind = "Stock" if isinstance(event, OfStock) else "Credit"
        again = any(answer.startswith(kind) for answer in order.answers)
        self.faults.require(
            not again,
            "order {order} got {type} a second time at {position}",
            order=event.order_id,
            type=recorded.type,
            position=recorded.position,
        )
        order.answers.add(recorded.type)
        if isinstance(event, StockRejected):
            order.refusals |= {short.reason for short in event.shortages}
        if isinstance(event, CreditRejected):
            order.refusals.add(Reason.INSUFFICIENT_CREDIT)


@dataclass(slots=True)
class _Holder:
    """Reservations of one order. `last`: time of the last event (ISO 8601)."""

    last: str = ""
    status: str = ""
    holds: set[str] = field(default_factory=set)


class NoReservationLeft(LogCheck):
    """Rejected and cancelled orders have no reservations; reservations of open orders are not released."""

    name = "no reservation left"

    def __init__(self) -> None:
        super().__init__()
        self._holders: LargeDict[UUID, _Holder] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if not isinstance(event, OfOrder | OfStock | OfCredit):
            return
        holder = self._holders.setdefault(event.order_id, _Holder())
        holder.last = recorded.at
        if isinstance(event, OfOrder):
            holder.status = recorded.type.removeprefix("Order").lower()
        elif recorded.type in RESERVED:
            holder.holds.add(recorded.type.removesuffix("Reserved").lower())
        elif isinstance(event, StockReleased | CreditReleased):
            self._release(recorded, event, holder)

    def end(self, settled_before: str) -> str:
        self._require_nothing_left(settled_before)
        holding = sum(bool(holder.holds) for _, holder in self._holders.each())
        return f"{count(self._holders, 'order', 'orders')}, {holding:,} of which hold something"

    def _release(self, recorded: RecordedEvent, event: StockReleased | CreditReleased, holder: _Holder) -> None:
        kind = recorded.type.removesuffix("Released").lower()
        which = {"order": event.order_id, "position": recorded.position, "kind": kind}
        self.faults.require(
            kind in holder.holds, "order {order} at {position} gave back {kind} that it did not hold", **which
        )
        ended, status = holder.status in ("rejected", "cancelled"), holder.status or NOT_PLACED
        self.faults.require(
            ended, "order {order} at {position} lost its {kind} when it was {status}", status=status, **which
        )
        holder.holds.discard(kind)

    def _require_nothing_left(self, settled_before: str) -> None:
        for order_id, holder in self._holders.each():
            ended = holder.status in ("rejected", "cancelled", "")
            if ended and holder.holds and holder.last < settled_before:
                status = holder.status or NOT_PLACED
                self.faults.add(
                    "order {order} was {status}, and holds {kinds}", order=order_id, status=status, kinds=holder.holds
                )
