"""What the customers read model must hold, by the rules of customers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from customer_svc.domain import CUSTOMER, Customer
from customer_svc.store import Reservation, columns_of
from shop.chassis.audit.rows import Keyed
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditReleased, CreditReserved, Event, OrderApproved


class ExpectedCustomers:
    """Customers, and what their orders have taken."""

    def __init__(self) -> None:
        self._customers: dict[str, Customer] = {}
        self._registered_at: dict[str, str] = {}
        self._reservations: dict[str, dict[str, Any]] = {}

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if recorded.stream.startswith("customer-"):
            self._fold(recorded, event)
        match event:
            case CreditReserved(order_id=order_id, username=username, amount=amount):
                row = {"customer_key": username.casefold(), "state": str(Reservation.HELD), "amount": amount.amount}
                self._reservations[str(order_id)] = row
            case CreditReleased(order_id=order_id):
                self._move(str(order_id), Reservation.RELEASED)
            case OrderApproved(order_id=order_id):
                self._move(str(order_id), Reservation.SPENT)

    def tables(self) -> Mapping[str, Keyed]:
        customers = {
            key: columns_of(customer) | {"registered_at": self._registered_at[key]}
            for key, customer in self._customers.items()
        }
        return {"customers": customers, "reservations": self._reservations}

    def _fold(self, recorded: RecordedEvent, event: Event) -> None:
        key = recorded.stream.removeprefix("customer-")
        customer = CUSTOMER.evolve(self._customers.get(key), event)
        if customer is not None:
            # Reservations have rows of their own; a customer with many orders would take long to copy.
            self._customers[key] = replace(customer, reservations={})
            self._registered_at.setdefault(key, recorded.at)

    def _move(self, order_id: str, state: Reservation) -> None:
        if order_id in self._reservations:
            self._reservations[order_id]["state"] = str(state)
