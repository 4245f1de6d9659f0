"""The surroundings of orders and accounting in their tests: the neighbours that they ask, and events of the others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from nameko.rpc import rpc

from shop.contracts.actors import Actor
from shop.contracts.codec import dump
from shop.contracts.commits import Commit
from shop.contracts.errors import WrongExpectedVersion
from shop.contracts.events import Event, Role
from shop.event_sourcing.decision_context import VERSION_ONLY
from tests.unit.support.order_builders import CUP, HOME, TEA, euros

SOMEBODY = Actor("somebody", Role.CUSTOMER)
MAX = Actor("max", Role.MANAGER)
VISITOR = Actor("", "anonymous")

CATALOGUE = {
    str(TEA): {"name": "Tea", "price": euros(999).dump()},
    str(CUP): {"name": "Cup", "price": euros(450).dump()},
}


def customer(name: str) -> Actor:
    """A new customer, whose username begins with the name."""
    return Actor(f"{name}-{uuid4().hex[:8]}", Role.CUSTOMER)


class Catalogue:
    """The products on sale; tests change them."""

    def __init__(self) -> None:
        self.offers: dict[str, Any] = {}
        self.reset()

    def reset(self) -> None:
        self.offers = dict(CATALOGUE)


ON_SALE = Catalogue()


class Products:
    """Quotes what `ON_SALE` says."""

    name = "products"

    @rpc
    def quote(self, product_ids: list[str]) -> dict[str, Any]:
        return {product_id: ON_SALE.offers[product_id] for product_id in product_ids if product_id in ON_SALE.offers}


class Customers:
    """All customers live at the same address, but for those named bob, who have none."""

    name = "customers"

    @rpc
    def delivery_address(self, username: str) -> dict[str, Any] | None:
        return None if username.startswith("bob") else dump(HOME)


def record(cluster: Any, *events: Event, order_id: UUID | str) -> None:
    """Append the events as one commit of another service, in the order's saga."""
    while True:
        try:
            _append(cluster, events, str(order_id))
        except WrongExpectedVersion:
            continue
        return


def _append(cluster: Any, events: Sequence[Event], order_id: str) -> None:
    streams = {event.stream for event in events}
    found = cluster.event_store.read_streams([[stream, VERSION_ONLY] for stream in streams])["streams"]
    commit = Commit(
        command_id=str(uuid4()),
        events=tuple(events),
        expects={stream: found[stream]["version"] for stream in streams},
        correlation_id=order_id,
        actor="service:tests",
        service="tests",
    )
    cluster.event_store.append(commit.dump())


def types_of(cluster: Any, stream: str) -> list[str]:
    """The types of a stream's events, in order."""
    return [event["type"] for event in cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]]
