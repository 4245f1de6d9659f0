"""Placing an order: the RPC method, its decision, and its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from order_svc.domain import ORDER, Order
from order_svc.schemas import ORDER_FIELDS
from order_svc.store import SqlOrders, order_as_placed
from shop.contracts.actors import Actor, require_user
from shop.contracts.api import CustomersApi, ProductsApi
from shop.contracts.codec import load
from shop.contracts.commits import Commit
from shop.contracts.decisions import DecisionContext
from shop.contracts.errors import CommandReused, Forbidden, InvalidRequest, TotalMoved
from shop.contracts.events import Address, Event, OrderLine, OrderPlaced, Role, Units
from shop.contracts.money import MAX_AMOUNT, Money, total
from shop.contracts.names import order_id_of
from shop.contracts.views import AddressView, MoneyView, OrderView, Quote
from shop.contracts.wire import Wire
from shop.event_sourcing.log import EventLog, Log
from shop.messaging.rpc import rpc
from shop.messaging.rpc_client import call_async, rpc_client
from shop.service.identity import CallingActor
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check, require_currency


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A product on sale: its present name and price."""

    name: str
    price: Money


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """A customer's order, one line per product wanted; a product may be in several lines.

    Args:
        offers: products on sale, by id.
        expected_total: the total that the customer saw; None to accept any.
    """

    order_id: UUID
    customer: str
    wanted: tuple[Units, ...]
    offers: Mapping[UUID, Offer]
    address: Address | None
    currency: str
    expected_total: Money | None = None


class Placing:
    """The part of the orders service that places orders."""

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: SqlOrders
    settings: Settings = ShopSettings()
    products: ProductsApi = rpc_client(ProductsApi)
    customers: CustomersApi = rpc_client(CustomersApi)

    @rpc
    def place_order(
        self,
        lines: Sequence[Wire],
        key: str | None = None,
        delivery: Wire | None = None,
        expected_total: MoneyView | None = None,
    ) -> OrderView:
        """Record the calling customer's order, at present prices. It is approved or rejected later.

        Args:
            key: the order's id is derived from it, so a retry is the same order.
            delivery: `{address}`, if the caller has it from the customers service; else that is called.
            expected_total: the total that the customer has seen.

        Raises: InvalidRequest, TotalMoved, CommandReused; ServiceUnavailable while products or customers do not answer.
        """
        _require_customer(self.actor)
        # Absent if not given, so that a retry has the same fingerprint in a process of an earlier release.
        seen = {"expected_total": expected_total} if expected_total is not None else {}
        request = check(ORDER_FIELDS, {"Idempotency-Key": key, "lines": lines, **(delivery or {}), **seen})
        if seen:
            require_currency("expected_total", request["expected_total"], self.settings.currency)
        wanted = tuple(Units(**line) for line in request["lines"])
        offers, home = self._offers_and_address(wanted, request)
        place = PlaceOrder(
            order_id=order_id_of(self.actor.username, request["key"]),
            customer=self.actor.username,
            wanted=wanted,
            offers=offers,
            address=load(Address, home) if home else None,
            currency=self.settings.currency,
            expected_total=request.get("expected_total"),
        )
        done = self.log.execute(
            partial(place_order, place),
            once=f"place:{place.order_id}",
            method="place_order",
            request={"lines": [[str(units.product_id), units.quantity] for units in wanted], **seen},
        )
        shown = self.store.order(place.order_id) if done.recorded.duplicate else None
        return shown or order_as_placed(done.recorded)

    def _offers_and_address(
        self, wanted: tuple[Units, ...], known: Wire
    ) -> tuple[dict[UUID, Offer], AddressView | None]:
        """Names and prices of the products on sale, and the delivery address, read concurrently."""
        quote = call_async(self.products.quote, sorted({str(units.product_id) for units in wanted}))
        try:
            asked = "address" not in known
            home = self.customers.delivery_address(self.actor.username) if asked else known["address"]
            return _offers(quote.result()), home
        finally:
            quote.forget()


def place_order(command: PlaceOrder, context: DecisionContext) -> Commit | None:
    """Place the order. Idempotent: `place:<order id>`."""
    order = context.load_new(ORDER, command.order_id)
    return context.commit(place(order, command), once=f"place:{command.order_id}", correlation_id=command.order_id)


def place(order: Order, command: PlaceOrder) -> list[Event]:
    """The order at present prices. A retry is the same order, even if prices and products have changed since.

    Raises:
        CommandReused: the order was placed before, with other lines.
        TotalMoved: the total is not the expected one.
        InvalidRequest: a product is not on sale, or the total is above MAX_AMOUNT.
    """
    if order.placed is not None:
        if _wanted(order.placed) != command.wanted:
            raise CommandReused
        return []
    lines = _priced(command)
    sum_ = total((line.total for line in lines), command.currency)
    if command.expected_total not in (None, sum_):
        raise TotalMoved(f"{sum_.text} {sum_.currency}")
    return [
        OrderPlaced(
            order_id=command.order_id,
            customer=command.customer,
            lines=lines,
            total=sum_,
            address=command.address,
        )
    ]


def _wanted(placed: OrderPlaced) -> tuple[Units, ...]:
    return tuple(Units(product_id=line.product_id, quantity=line.quantity) for line in placed.lines)


def _priced(command: PlaceOrder) -> tuple[OrderLine, ...]:
    _require_on_sale(command)
    lines = tuple(_line(units, command.offers[units.product_id]) for units in command.wanted)
    if total((line.total for line in lines), command.currency).amount > MAX_AMOUNT:
        most = Money(MAX_AMOUNT, command.currency).text
        raise InvalidRequest({"lines": [f"The order total must not exceed {most} {command.currency}."]})
    return lines


def _require_on_sale(command: PlaceOrder) -> None:
    missing = [number for number, units in enumerate(command.wanted) if units.product_id not in command.offers]
    if missing:
        raise InvalidRequest({f"lines.{number}.product_id": ["Product not available."] for number in missing})


def _line(units: Units, offer: Offer) -> OrderLine:
    return OrderLine(product_id=units.product_id, name=offer.name, quantity=units.quantity, unit_price=offer.price)


def _offers(quotes: Mapping[str, Quote]) -> dict[UUID, Offer]:
    return {UUID(id_): Offer(name=quote["name"], price=Money.load(quote["price"])) for id_, quote in quotes.items()}


def _require_customer(actor: Actor) -> None:
    """Raises: Unauthenticated, or Forbidden for managers."""
    require_user(actor)
    if actor.role != Role.CUSTOMER:
        raise Forbidden
