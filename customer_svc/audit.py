"""The expected customers read model, by the rules of customers."""

from collections.abc import Mapping
from typing import Any

from customer_svc.domain import CUSTOMER, Customer
from customer_svc.store import Reservation, columns_of
from shop.audit.large import LargeDict
from shop.audit.rows import Keyed
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditReleased, CreditReserved, Event, OrderApproved
from shop.read_models.read_model import Row


class ExpectedCustomers:
    """Customers, their reservations, and the sums and the order that Redis stores."""

    def __init__(self) -> None:
        self._states: LargeDict[str, Customer] = LargeDict()
        self._customers: LargeDict[str, Row] = LargeDict()
        self._reservations: LargeDict[str, dict[str, Any]] = LargeDict()
        self._taken: LargeDict[str, dict[str, int]] = LargeDict()
        self._names: LargeDict[str, Row] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if recorded.stream.startswith("customer-"):
            self._fold(recorded, event)
        match event:
            case CreditReserved(order_id=order_id, username=username, amount=amount):
                key = username.casefold()
                row = {"customer_key": key, "state": str(Reservation.HELD), "amount": amount.amount}
                self._reservations[str(order_id)] = row
                taken = self._taken.setdefault(key, {str(Reservation.HELD): 0, str(Reservation.SPENT): 0})
                taken[Reservation.HELD] += amount.amount
            case CreditReleased(order_id=order_id):
                self._move(str(order_id), Reservation.RELEASED)
            case OrderApproved(order_id=order_id):
                self._move(str(order_id), Reservation.SPENT)

    def tables(self) -> Mapping[str, Keyed]:
        return {
            "customers": self._customers,
            "reservations": self._reservations,
            "taken": self._taken,
            "names": self._names,
        }

    def _fold(self, recorded: RecordedEvent, event: Event) -> None:
        key = recorded.stream.removeprefix("customer-")
        customer = CUSTOMER.evolve(self._states.get(key), event)
        if customer is None:
            return
        self._states[key] = customer
        registered_at = self._customers[key]["registered_at"] if key in self._customers else recorded.at
        self._customers[key] = columns_of(customer) | {"registered_at": registered_at}
        self._names[key] = {}

    def _move(self, order_id: str, state: Reservation) -> None:
        row = self._reservations.get(order_id)
        if row is None:
            return
        taken = self._taken[row["customer_key"]]
        for one, change in ((row["state"], -row["amount"]), (str(state), row["amount"])):
            if one in taken:
                taken[one] += change
        row["state"] = str(state)
