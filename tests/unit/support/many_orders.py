"""A log of any number of orders, event by event: all sold, every third one shipped, every fourth one taken back."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from shop.contracts.codec import dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CustomerRegistered, Event, OrderCancelled, OrderShipped, Role
from tests.unit.support.books import BEGINNING, TEA, added, approved, credit_note, euros, recorded, released


def many_orders(orders: int) -> Iterator[RecordedEvent]:
    versions: dict[str, int] = {}
    for position, commit in enumerate(_commits(orders), start=1):
        for event in commit:
            is_long = not event.stream.startswith(("order-", "stock-"))
            version = versions[event.stream] = versions.get(event.stream, 0) + 1 if is_long else 1
            at = dump_time(BEGINNING + timedelta(milliseconds=position))
            yield recorded(event, position, version, at)


def order_id_of(number: int) -> UUID:
    """As scattered as those of a shop."""
    return uuid5(TEA, str(number))


def _commits(orders: int) -> Iterator[Sequence[Event]]:
    ann = CustomerRegistered(username="Ann", full_name="A", email="", role=Role.CUSTOMER, credit=euros(200 * orders))
    yield from ([ann], [added(TEA, 2 * orders)])
    for number in range(1, orders + 1):
        order_id = order_id_of(number)
        yield from approved(order_id, 1, number=number)
        if number % 3 == 0:
            yield [OrderShipped(order_id=order_id)]
        elif number % 4 == 0:
            yield [OrderCancelled(order_id=order_id, customer="Ann", was_approved=True)]
            yield from released(order_id, 1)
            yield [credit_note(order_id, 1, number=number // 4 - number // 12, invoice=number)]
