"""Orders: each decided once, on what was answered, and in the end holding exactly what it should."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from shop.chassis.audit.checks import LogCheck, count
from shop.chassis.audit.large import LargeDict
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


@dataclass(slots=True)
class _Order:
    """What the log tells of one order. `last`: when something happened to it last (ISO 8601)."""

    last: str = ""
    course: str = ""
    answers: set[str] = field(default_factory=set)
    refusals: set[Reason] = field(default_factory=set)


class OneDecisionPerOrder(LogCheck):
    """An order is placed, then approved, rejected or cancelled, on both answers; what follows fits the decision."""

    name = "one decision per order"

    COURSES = (
        "OrderPlaced OrderApproved OrderShipped",
        "OrderPlaced OrderApproved OrderCancelled",
        "OrderPlaced OrderRejected",
        "OrderPlaced OrderCancelled",
    )
    """What can happen to an order, in order."""

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
            self.faults.require(not waits, f"order {order_id} waits for its decision since {order.last}")
        return count(self._orders, "order", "orders")

    def _take_course(self, recorded: RecordedEvent, event: OfOrder, order: _Order) -> None:
        at = f"order {event.order_id} at {recorded.position}"
        order.course = f"{order.course} {recorded.type}".lstrip()
        right = any(course.startswith(order.course) for course in self.COURSES)
        self.faults.require(right, f"{at}: {order.course}")
        match event:
            case OrderApproved():
                on = ", ".join(sorted(order.answers)) or "nothing"
                self.faults.require(order.answers == RESERVED, f"{at} was approved on {on}")
            case OrderRejected(reasons=reasons):
                self._judge(at, set(reasons), order)
            case OrderCancelled(was_approved=was_approved):
                right = was_approved == ("OrderApproved" in order.course)
                self.faults.require(right, f"{at} was cancelled with was_approved {was_approved}")

    def _judge(self, at: str, reasons: set[Reason], order: _Order) -> None:
        """A time-out may be decided in the moment in which an answer is recorded, and then does not know of it."""
        late = Reason.TIMED_OUT in reasons
        refused = reasons - {Reason.TIMED_OUT}
        complete = len(order.answers) == 2 and refused == order.refusals
        right = reasons and (refused <= order.refusals if late else complete)
        told, known = (", ".join(sorted(some)) or "nothing" for some in (reasons, order.refusals))
        self.faults.require(right, f"{at} was rejected for {told}, when {known} was refused")

    def _answer(self, recorded: RecordedEvent, event: OfStock | OfCredit, order: _Order) -> None:
        kind = "Stock" if isinstance(event, OfStock) else "Credit"
        again = any(answer.startswith(kind) for answer in order.answers)
        self.faults.require(not again, f"order {event.order_id} got {recorded.type} a second time {recorded.position}")
        order.answers.add(recorded.type)
        if isinstance(event, StockRejected):
            order.refusals |= {short.reason for short in event.shortages}
        if isinstance(event, CreditRejected):
            order.refusals.add(Reason.INSUFFICIENT_CREDIT)


@dataclass(slots=True)
class _Holder:
    """What one order holds. `last`: when something happened to it last (ISO 8601)."""

    last: str = ""
    status: str = ""
    holds: set[str] = field(default_factory=set)


class NoReservationLeft(LogCheck):
    """An order that came to nothing holds nothing; nobody gives back what an order under way holds."""

    name = "no reservation left"

    def __init__(self) -> None:
        super().__init__()
        self._holders: LargeDict[UUID, _Holder] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if not isinstance(event, OfOrder | OfStock | OfCredit):
            return
        holder = self._holders.setdefault(event.order_id, _Holder())
        holder.last = recorded.at
        at = f"order {event.order_id} at {recorded.position}"
        if isinstance(event, OfOrder):
            holder.status = recorded.type.removeprefix("Order").lower()
        elif recorded.type in RESERVED:
            holder.holds.add(recorded.type.removesuffix("Reserved").lower())
        elif isinstance(event, StockReleased | CreditReleased):
            kind = recorded.type.removesuffix("Released").lower()
            self.faults.require(kind in holder.holds, f"{at} gave back {kind} that it did not hold")
            ended = holder.status in ("rejected", "cancelled")
            self.faults.require(ended, f"{at} lost its {kind} when it was {holder.status or 'not even placed'}")
            holder.holds.discard(kind)

    def end(self, settled_before: str) -> str:
        for fault in self._left(settled_before):
            self.faults.add(fault)
        holding = sum(bool(holder.holds) for _, holder in self._holders.each())
        return f"{count(self._holders, 'order', 'orders')}, {holding:,} of which hold something"

    def _left(self, settled_before: str) -> Iterator[str]:
        for order_id, holder in self._holders.each():
            ended = holder.status in ("rejected", "cancelled", "")
            if ended and holder.holds and holder.last < settled_before:
                status, holds = holder.status or "never placed", " and ".join(sorted(holder.holds))
                yield f"order {order_id} was {status}, and holds {holds}"
