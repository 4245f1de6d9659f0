"""Shows one order after the other until it is killed: `python -m tests.contract.support.projecting_process URL`.

It goes on where the read model in use stands, and says so on its output for each batch.
"""

import sys

import eventlet

eventlet.monkey_patch()

from uuid import UUID

from customer_svc.store import RedisCustomers, SqlCustomers
from shop.contracts.events import CreditReserved, OrderApproved
from shop.contracts.money import Money
from shop.read_models.redis import RedisReadModel
from shop.read_models.sql import SqlReadModel
from tests.contract.support.opening import opened
from tests.unit.support.recorded import recorded

ORDERS = 25
"""In each batch; every order is two events."""


def main(url: str) -> None:
    model = opened(url, SqlReadModel(SqlCustomers), RedisReadModel(RedisCustomers), service="customers")
    namespace = next(found for found in model.namespaces() if found.current)
    while True:
        first = namespace.position + 1
        events = [event for position in range(first, first + 2 * ORDERS, 2) for event in order(position)]
        namespace = model.project(namespace, events, events[-1].position, show)
        sys.stdout.write(f"{namespace.position}\n")
        sys.stdout.flush()


def order(position):
    """An order of one cent, reserved at this position and approved at the next."""
    order_id, cent = UUID(int=position), Money(1, "EUR")
    approved = OrderApproved(order_id=order_id, customer="Ann", lines=(), total=cent, address=None)
    return [
        recorded(CreditReserved(username="Ann", order_id=order_id, amount=cent), position=position),
        recorded(approved, position=position + 1),
    ]


def show(event, rows):
    rows.show_reservation(event)
    if event.type == "CreditReserved":
        rows.show_customer(event)


if __name__ == "__main__":
    main(sys.argv[1])
