"""/v1/orders"""

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.paging import page_by_number
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import OrdersApi
from shop.contracts.errors import (
    CommandReused,
    Forbidden,
    OrderNotCancellable,
    OrderNotShippable,
    TotalMoved,
    UnknownOrder,
)
from shop.contracts.views import HistoryEntry, Listed, OrderView
from shop.messaging.rpc_client import rpc_client

ORDER = Answer(shape=shapes.Order)
ONE = "/v1/orders/<uuid:order_id>"


class OrderRoutes:
    orders: OrdersApi = rpc_client(OrdersApi)

    @route(
        "POST",
        "/v1/orders",
        access=Access.CUSTOMER,
        body=schemas.NewOrder,
        answer=Answer(status=202, shape=shapes.Order, location="/v1/orders/{id}"),
        refusals=[CommandReused, TotalMoved],
        key_required=True,
    )
    def place_order(self, call: Call) -> OrderView:
        """Place an order at current prices. The order is approved or rejected asynchronously."""
        delivery = {"address": call.identity.address}
        return self.orders.place_order(**call.body, key=call.key, delivery=delivery)

    @route(
        "GET",
        "/v1/orders",
        access=Access.USER,
        query=schemas.OrdersQuery,
        answer=Answer(shape=shapes.Order, many=True),
        refusals=[Forbidden],
    )
    def list_orders(self, call: Call) -> Listed[OrderView]:
        """List orders, newest first by default: your own, or all for managers."""
        return self.orders.list_orders(**call.query)

    @route(
        "GET",
        "/v1/orders/counts",
        access=Access.MANAGER,
        query=schemas.CountsQuery,
        answer=Answer(shape=shapes.OrderCounts),
    )
    def count_orders(self, call: Call) -> dict[str, int]:
        """Count the orders in each status."""
        return self.orders.count_orders(**call.query)

    @route("GET", ONE, access=Access.USER, answer=ORDER, refusals=[UnknownOrder])
    def get_order(self, _call: Call, order_id: str) -> OrderView:
        """Get an order."""
        return self.orders.get_order(order_id)

    @route(
        "GET",
        f"{ONE}/history",
        access=Access.USER,
        query=schemas.HistoryQuery,
        answer=Answer(shape=shapes.HistoryEntry, many=True),
        refusals=[UnknownOrder],
    )
    def get_history(self, call: Call, order_id: str) -> Listed[HistoryEntry]:
        """List an order's events across all services, oldest first."""
        return page_by_number(self.orders.history(order_id), **call.query)

    @route(
        "POST",
        f"{ONE}/cancellation",
        access=Access.USER,
        answer=Answer(status=202, shape=shapes.Order),
        refusals=[UnknownOrder, OrderNotCancellable],
    )
    def cancel_order(self, call: Call, order_id: str) -> OrderView:
        """Cancel an order that is neither shipped, rejected nor cancelled."""
        return self.orders.cancel_order(order_id, key=call.key)

    @route(
        "POST",
        f"{ONE}/shipment",
        access=Access.MANAGER,
        answer=ORDER,
        refusals=[UnknownOrder, OrderNotShippable],
    )
    def ship_order(self, call: Call, order_id: str) -> OrderView:
        """Mark an approved order as shipped."""
        return self.orders.ship_order(order_id, key=call.key)
