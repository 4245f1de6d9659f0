"""The Nameko service `orders`."""

from datetime import datetime
from functools import partial
from uuid import UUID

from order_svc import deciding, placing
from order_svc.audit import ExpectedOrders
from order_svc.changing import Change, cancel, change_order, ship
from order_svc.domain import ORDER
from order_svc.history import history_of, owner_in, with_records
from order_svc.schemas import OrdersQuery
from order_svc.store import SqlOrders
from order_svc.timeouts import late_orders
from shop.audit import auditing
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.contracts import names
from shop.contracts.actors import Actor, require_manager, require_owner, require_user
from shop.contracts.commits import RecordedEvent
from shop.contracts.decisions import Decide
from shop.contracts.errors import Forbidden, UnknownOrder
from shop.contracts.events import (
    CreditRejected,
    CreditReleased,
    CreditReserved,
    InvoiceIssued,
    OrderApproved,
    OrderCancelled,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    StockRejected,
    StockReleased,
    StockReserved,
)
from shop.contracts.views import HistoryEntry, Listed, OrderView
from shop.event_sourcing import operations, time_travel
from shop.event_sourcing.log import EventLog, Log
from shop.event_sourcing.subscription import projects, while_caught_up
from shop.messaging.call_routing import CallRouting
from shop.messaging.rpc import rpc
from shop.read_models.sql import SqlReadModel
from shop.read_models.stores import ReadModelStore
from shop.service.identity import CallingActor
from shop.service.validation import check, checked_key


class OrdersService(
    placing.Placing, deciding.Deciding, operations.Operations, time_travel.TimeTravel, auditing.Audited
):
    """Orders, from being placed to being shipped."""

    name = names.Service.ORDERS.value
    asked = CallRouting.FOLLOWER
    """Placing an order is mostly waiting, shortest in the process that updates the read model."""

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: SqlOrders = ReadModelStore(SqlReadModel(SqlOrders))
    deciders = {"order": ORDER}
    audits = auditing.Auditing(OneDecisionPerOrder, NoReservationLeft, expected=ExpectedOrders)

    # Commands

    @rpc
    def cancel_order(self, order_id: str, key: str | None = None) -> OrderView:
        """Cancel an order, by its owner or a manager. Raises: UnknownOrder, OrderNotCancellable."""
        require_user(self.actor)
        return self._change(_id(order_id), cancel, method="cancel_order", key=key)

    @rpc
    def ship_order(self, order_id: str, key: str | None = None) -> OrderView:
        """Ship an approved order. Raises: UnknownOrder, OrderNotShippable."""
        require_manager(self.actor)
        return self._change(_id(order_id), ship, method="ship_order", key=key)

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
        """A customer's own orders; for managers, all or one customer's.

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
        """Number of orders in each status, for managers."""
        require_manager(self.actor)
        times = check(OrdersQuery(), {"placed_from": placed_from, "placed_before": placed_before})
        return self.store.counts(**times)

    @rpc
    def history(self, order_id: str) -> list[HistoryEntry]:
        """An order's events across all services, oldest first; for managers, with their records in the log.

        Raises: UnknownOrder.
        """
        require_user(self.actor)
        events = self.log.correlated(_id(order_id))
        require_owner(self.actor, owner_in(events, order_id), UnknownOrder, order_id)
        told = history_of(events)
        return with_records(told, events) if self.actor.manages else told

    # The saga

    @while_caught_up(interval=1.0)
    def reject_late_orders(self, rows: SqlOrders, now: datetime) -> list[Decide]:
        """Reject orders whose reservation results are overdue."""
        return late_orders(rows, now, order_timeout=self.settings.order_timeout)

    # The read model

    @projects(OrderPlaced)
    def show_order(self, recorded: RecordedEvent, rows: SqlOrders) -> None:
        rows.add(recorded)

    @projects(OrderApproved, OrderRejected, OrderCancelled, OrderShipped)
    def show_status(self, recorded: RecordedEvent, rows: SqlOrders) -> None:
        rows.move(recorded)

    @projects(StockReserved, StockRejected, StockReleased, CreditReserved, CreditRejected, CreditReleased)
    def show_holdings(self, recorded: RecordedEvent, rows: SqlOrders) -> None:
        rows.show_holding(recorded)

    @projects(InvoiceIssued)
    def show_invoice(self, recorded: RecordedEvent, rows: SqlOrders) -> None:
        rows.show_invoice(recorded)

    # Private

    def _change(self, order_id: UUID, change: Change, *, method: str, key: str | None) -> OrderView:
        decision = partial(change_order, order_id, change, self.actor)
        self.log.execute(decision, key=checked_key(key), method=method, request={"order_id": str(order_id)})
        return self._shown(order_id)

    def _shown(self, order_id: UUID) -> OrderView:
        """The order from the read model, after catching up if necessary. Raises: UnknownOrder."""
        order = self.store.order(order_id)
        if order is None:
            self.log.catch_up()
            order = self.store.order(order_id)
        if order is None:
            raise UnknownOrder(str(order_id))
        return order


def _id(text: str) -> UUID:
    """Raises: UnknownOrder, for a text that is no id."""
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError):
        raise UnknownOrder(str(text)) from None


def _require_self(actor: Actor, username: str | None) -> None:
    """Raises: Forbidden, if a customer requests another one's orders."""
    if username is not None and not actor.is_user(username):
        raise Forbidden
