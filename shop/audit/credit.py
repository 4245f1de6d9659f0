"""Customers' credit: never negative, and every cent accounted for."""

from uuid import UUID

from shop.audit.checks import LogCheck, count
from shop.audit.large import LargeDict
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import (
    CreditAdjusted,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    OrderApproved,
    OrderCancelled,
    OrderPlaced,
)
from shop.contracts.money import Money


class CreditNeverNegative(LogCheck):
    """No customer has negative credit at any position of the log."""

    name = "credit never negative"

    def __init__(self) -> None:
        super().__init__()
        self._credit: LargeDict[str, int] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        moved = _moved(event)
        if moved is None:
            return
        username, change = moved
        credit = self._credit[username] = self._credit.get(username, 0) + change.amount
        if credit < 0:
            negative = Money(credit, change.currency)
            self.faults.add(
                "{username} has {credit} at {position}", username=username, credit=negative, position=recorded.position
            )

    def end(self, settled_before: str) -> str:  # noqa: ARG002 - nothing is still to come
        return f"{count(len(self._credit), 'customer')}, at every position"


class MoneyConserved(LogCheck):
    """A customer's granted credit equals the sum of available, reserved and spent credit."""

    name = "money conserved"

    def __init__(self) -> None:
        super().__init__()
        self._credit: LargeDict[str, int] = LargeDict()
        self._granted = 0
        self._currency = ""
        self._held: LargeDict[UUID, tuple[str, int]] = LargeDict()
        self._totals: LargeDict[UUID, Money] = LargeDict()
        self._sold: LargeDict[UUID, int] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        moved = _moved(event)
        if moved is not None:
            username, change = moved
            self._require_customer(recorded, event, username)
            self._credit[username] = self._credit.get(username, 0) + change.amount
            self._currency = change.currency
        match event:
            case CustomerRegistered() | CreditAdjusted():
                self._granted += moved[1].amount if moved else 0
            case CreditReserved() | CreditReleased() | CreditRejected():
                self._answer(recorded, event)
            case OrderPlaced(order_id=order_id, total=total):
                self._totals[order_id] = total
            case OrderApproved(order_id=order_id, total=total):
                self._sold[order_id] = total.amount
            case OrderCancelled(order_id=order_id):
                self._sold.pop(order_id, None)

    def end(self, settled_before: str) -> str:  # noqa: ARG002 - it must be right at any time
        sold = 0
        for order_id, total in self._sold.each():
            sold += total
            held = self._held.get(order_id, ("", 0))[1]
            if held != total:
                self.faults.add(
                    "order {order} was sold for {total}, and {held} were taken for it",
                    order=order_id,
                    total=self._money(total),
                    held=self._money(held),
                )
        available, taken = sum(credit for _, credit in self._credit.each()), self._taken()
        amounts = {"granted": self._granted, "available": available, "held": taken - sold, "spent": sold}
        told = {name: self._money(amount) for name, amount in amounts.items()}
        self.faults.require(
            self._granted == available + taken,
            "granted {granted} is not available {available} + held {held} + spent {spent}",
            **told,
        )
        return "granted {granted} = available {available} + held {held} + spent {spent}".format(**told)

    def _answer(self, recorded: RecordedEvent, event: CreditReserved | CreditReleased | CreditRejected) -> None:
        username, order_id, amount = event.username.casefold(), event.order_id, event.amount.amount
        position, total = recorded.position, self._totals.get(order_id)
        self.faults.require(
            event.amount == total,
            "{type} of {amount} at {position} for an order of {total}",
            type=recorded.type,
            amount=event.amount,
            position=position,
            total=total,
        )
        match event:
            case CreditReserved():
                self.faults.require(
                    order_id not in self._held,
                    "order {order} took credit a second time at {position}",
                    order=order_id,
                    position=position,
                )
                self._held[order_id] = (username, amount)
            case CreditReleased():
                held = self._held.pop(order_id, None)
                self.faults.require(
                    held == (username, amount),
                    "order {order} gave back what it had not at {position}",
                    order=order_id,
                    position=position,
                )
            case CreditRejected():
                credit = self._credit.get(username, 0)
                right = event.available.amount == credit < amount
                self.faults.require(
                    right,
                    "{username} was refused {amount} at {position}, with a credit of {credit}",
                    username=username,
                    amount=event.amount,
                    position=position,
                    credit=Money(credit, event.amount.currency),
                )

    def _require_customer(self, recorded: RecordedEvent, event: Event, username: str) -> None:
        begins = isinstance(event, CustomerRegistered)
        right = begins != (username in self._credit)
        self.faults.require(
            right,
            "{type} at {position} of {username}, who registered not once",
            type=recorded.type,
            position=recorded.position,
            username=username,
        )

    def _taken(self) -> int:
        return sum(amount for _, (_, amount) in self._held.each())

    def _money(self, amount: int) -> str:
        return f"{Money(amount, self._currency).text} {self._currency}" if self._currency else "0"


def _moved(event: Event) -> tuple[str, Money] | None:
    """The customer whose available credit the event changes, and the amount."""
    match event:
        case CustomerRegistered(username=username, credit=credit):
            return username.casefold(), credit
        case CreditAdjusted(username=username, change=change):
            return username.casefold(), change
        case CreditReserved(username=username, amount=amount):
            return username.casefold(), -amount
        case CreditReleased(username=username, amount=amount):
            return username.casefold(), amount
    return None
