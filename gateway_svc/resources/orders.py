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


class Orders:
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
        """Order products at today's prices. Whether it can be delivered and paid is decided a moment later."""
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
        """Orders, newest first unless asked otherwise: a customer's own, all for managers."""
        return self.orders.list_orders(**call.query)

    @route(
        "GET",
        "/v1/orders/counts",
        access=Access.MANAGER,
        query=schemas.CountsQuery,
        answer=Answer(shape=shapes.OrderCounts),
    )
    def count_orders(self, call: Call) -> dict[str, int]:
        """How many orders there are in each status."""
        return self.orders.count_orders(**call.query)

    @route("GET", ONE, access=Access.USER, answer=ORDER, refusals=[UnknownOrder])
    def get_order(self, _call: Call, order_id: str) -> OrderView:
        """One order, for its customer and managers."""
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
        """What happened to the order across all services, oldest first."""
        return page_by_number(self.orders.history(order_id), **call.query)

    @route(
        "POST",
        f"{ONE}/cancellation",
        access=Access.USER,
        answer=Answer(status=202, shape=shapes.Order),
        refusals=[UnknownOrder, OrderNotCancellable],
    )
    def cancel_order(self, call: Call, order_id: str) -> OrderView:
        """Call an order off, unless it is shipped or has come to another end."""
        return self.orders.cancel_order(order_id, key=call.key)

    @route(
        "POST",
        f"{ONE}/shipment",
        access=Access.MANAGER,
        answer=ORDER,
        refusals=[UnknownOrder, OrderNotShippable],
    )
    def ship_order(self, call: Call, order_id: str) -> OrderView:
        """Send an approved order out."""
        return self.orders.ship_order(order_id, key=call.key)
