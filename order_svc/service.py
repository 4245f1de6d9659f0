"""The Nameko service `orders`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from order_svc.audit import ExpectedOrders
from order_svc.decisions import change_order, decide_order, place_order
from order_svc.domain import ORDER, CancelOrder, Offer, PlaceOrder, ShipOrder
from order_svc.history import history_of, owner_in, with_records
from order_svc.schemas import ORDER_FIELDS, OrdersQuery
from order_svc.store import OrderRows, order_as_placed
from order_svc.timeouts import Decision, late_orders
from shop.audit import auditing
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.contracts import names
from shop.contracts.actors import Actor, require_manager, require_owner, require_user
from shop.contracts.api import CustomersApi, ProductsApi
from shop.contracts.codec import load
from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.errors import Forbidden, UnknownOrder
from shop.contracts.events import (
    Address,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    InvoiceIssued,
    OrderApproved,
    OrderCancelled,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    Role,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
)
from shop.contracts.money import Money
from shop.contracts.views import AddressView, HistoryEntry, Listed, MoneyView, OrderView, Quote
from shop.contracts.wire import Wire
from shop.event_sourcing import operations, time_travel
from shop.event_sourcing.decision_context import Work
from shop.event_sourcing.log import EventLog, Log
from shop.event_sourcing.subscription import projects, reacts_to, while_caught_up
from shop.messaging.call_routing import Asked
from shop.messaging.rpc import rpc
from shop.messaging.rpc_client import call_async, rpc_client
from shop.read_models.sql import SqlReadModel
from shop.read_models.stores import ReadModelStore
from shop.service.identity import CallingActor
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check, checked_key, require_currency

Answer = StockReserved | StockRejected | CreditReserved | CreditRejected


class OrdersService(operations.Operations, time_travel.TimeTravel, auditing.Audited):
    """Orders, from being placed to being shipped."""

    name = names.Service.ORDERS.value
    asked = Asked.FOLLOWER
    """To place an order is mostly to wait, and least so in the process that shows it in the read model."""

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: OrderRows = ReadModelStore(SqlReadModel(OrderRows))
    settings: Settings = ShopSettings()
    deciders = {"order": ORDER}
    audits = auditing.Auditing(OneDecisionPerOrder, NoReservationLeft, expected=ExpectedOrders)
    products: ProductsApi = rpc_client(ProductsApi)
    customers: CustomersApi = rpc_client(CustomersApi)

    # Commands

    @rpc
    def place_order(
        self,
        lines: Sequence[Wire],
        key: str | None = None,
        delivery: Wire | None = None,
        expected_total: MoneyView | None = None,
    ) -> OrderView:
        """Record what the calling customer wants, at today's prices; whether they get it is decided later.

        Args:
            delivery: `{address}`, where customers has just told the caller; else it is asked.
            expected_total: what the caller has seen it come to.

        Raises: InvalidRequest, TotalMoved, CommandReused; ServiceUnavailable while products or customers do not answer.
        """
        _require_customer(self.actor)
        # Left out where it is not given: so a repeat looks the same to a process of an earlier release.
        seen = {"expected_total": expected_total} if expected_total is not None else {}
        request = check(ORDER_FIELDS, {"Idempotency-Key": key, "lines": lines, **(delivery or {}), **seen})
        if seen:
            require_currency("expected_total", request["expected_total"], self.settings.currency)
        wanted = tuple(Units(**line) for line in request["lines"])
        offers, home = self._offers_and_address(wanted, request)
        place = PlaceOrder(
            order_id=names.order_id_of(self.actor.username, request["key"]),
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

    @rpc
    def cancel_order(self, order_id: str, key: str | None = None) -> OrderView:
        """Call an order off, by its owner or a manager. Raises: UnknownOrder, OrderNotCancellable."""
        require_user(self.actor)
        return self._execute(_id(order_id), CancelOrder(), method="cancel_order", key=key)

    @rpc
    def ship_order(self, order_id: str, key: str | None = None) -> OrderView:
        """Send an approved order out. Raises: UnknownOrder, OrderNotShippable."""
        require_manager(self.actor)
        return self._execute(_id(order_id), ShipOrder(), method="ship_order", key=key)

    # Questions

    @rpc
    def get_order(self, order_id: str) -> OrderView:
        """One order, for its owner and managers. Raises: UnknownOrder."""
        require_user(self.actor)
        order = self._shown(_id(order_id))
        require_owner(self.actor, order["customer"], UnknownOrder, order_id)
        return order

    @rpc
    def list_orders(
        self,
        status: str | None = None,
        customer: str | None = None,
        *,
        placed_from: str | None = None,
        placed_before: str | None = None,
        sort: str = "-placed",
        limit: int = 20,
        after: str | None = None,
    ) -> Listed[OrderView]:
        """A customer's own orders, or all for managers, who may ask for one customer's.

        Args:
            placed_from, placed_before: times, ISO 8601.
            sort: -placed for the newest first, placed for the oldest.
        """
        require_user(self.actor)
        times = {"placed_from": placed_from, "placed_before": placed_before}
        asked = {"status": status, "customer": customer, "sort": sort, "limit": limit, **times}
        query = check(OrdersQuery(), asked)
        if not self.actor.manages:
            _require_self(self.actor, query["customer"])
            query["customer"] = self.actor.username
        return self.store.page(oldest_first=query.pop("sort") == "placed", **query, after=after)

    @rpc
    def count_orders(self, placed_from: str | None = None, placed_before: str | None = None) -> dict[str, int]:
        """How many orders there are in each status, for managers."""
        require_manager(self.actor)
        times = check(OrdersQuery(), {"placed_from": placed_from, "placed_before": placed_before})
        return self.store.counts(**times)

    @rpc
    def history(self, order_id: str) -> list[HistoryEntry]:
        """What happened to an order across all services, oldest first; for managers, as it was recorded.

        Raises: UnknownOrder.
        """
        require_user(self.actor)
        events = self.log.correlated(_id(order_id))
        require_owner(self.actor, owner_in(events, order_id), UnknownOrder, order_id)
        told = history_of(events)
        return with_records(told, events) if self.actor.manages else told

    # The saga

    @reacts_to(StockReserved, StockRejected, CreditReserved, CreditRejected)
    def decide_order(self, answer: Answer, work: Work) -> Commit | None:
        """Approve or reject an order as soon as stock and credit have answered."""
        return decide_order(answer.order_id, work)

    @while_caught_up(interval=1.0)
    def reject_late_orders(self, rows: OrderRows, now: datetime) -> list[Decision]:
        """Reject the orders that waited too long for an answer."""
        return late_orders(rows, now, order_timeout=self.settings.order_timeout)

    # The read model

    @projects(OrderPlaced)
    def show_order(self, recorded: RecordedEvent, rows: OrderRows) -> None:
        rows.add(recorded)

    @projects(OrderApproved, OrderRejected, OrderCancelled, OrderShipped)
    def show_status(self, recorded: RecordedEvent, rows: OrderRows) -> None:
        rows.move(recorded)

    @projects(StockReserved, StockRejected, StockReleased, CreditReserved, CreditRejected, CreditReleased)
    def show_holdings(self, recorded: RecordedEvent, rows: OrderRows) -> None:
        rows.show_holding(recorded)

    @projects(InvoiceIssued)
    def show_invoice(self, recorded: RecordedEvent, rows: OrderRows) -> None:
        rows.show_invoice(recorded)

    # Private

    def _execute(self, order_id: UUID, command: CancelOrder | ShipOrder, *, method: str, key: str | None) -> OrderView:
        decision = partial(change_order, order_id, command, self.actor)
        self.log.execute(decision, key=checked_key(key), method=method, request={"order_id": str(order_id)})
        return self._shown(order_id)

    def _shown(self, order_id: UUID) -> OrderView:
        """The order from the read model, which may have to hear of it first. Raises: UnknownOrder."""
        order = self.store.order(order_id)
        if order is None:
            self.log.catch_up()
            order = self.store.order(order_id)
        if order is None:
            raise UnknownOrder(str(order_id))
        return order

    def _offers_and_address(
        self, wanted: tuple[Units, ...], known: Wire
    ) -> tuple[dict[UUID, Offer], AddressView | None]:
        """Names and prices of what is on sale, and where the customer wants it: both are asked at the same time."""
        quote = call_async(self.products.quote, sorted({str(units.product_id) for units in wanted}))
        try:
            asked = "address" not in known
            home = self.customers.delivery_address(self.actor.username) if asked else known["address"]
            return _offers(quote.result()), home
        finally:
            quote.forget()


def _offers(quotes: Mapping[str, Quote]) -> dict[UUID, Offer]:
    return {UUID(id_): Offer(name=quote["name"], price=Money.load(quote["price"])) for id_, quote in quotes.items()}


def _id(text: str) -> UUID:
    """Raises: UnknownOrder, for there is no order with such an id."""
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError):
        raise UnknownOrder(str(text)) from None


def _require_customer(actor: Actor) -> None:
    """Raises: Unauthenticated, or Forbidden for those who run the shop."""
    require_user(actor)
    if actor.role != Role.CUSTOMER:
        raise Forbidden


def _require_self(actor: Actor, username: str | None) -> None:
    """Raises: Forbidden, when a customer asks for the orders of another."""
    if username is not None and not actor.is_user(username):
        raise Forbidden
