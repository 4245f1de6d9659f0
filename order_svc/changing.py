"""Cancelling or shipping a placed order. Pure."""

from collections.abc import Callable
from uuid import UUID

from order_svc.domain import ORDER, Order, Status
from shop.contracts.actors import Actor, require_owner
from shop.contracts.commits import Commit
from shop.contracts.decisions import DecisionContext
from shop.contracts.errors import OrderNotCancellable, OrderNotShippable, UnknownOrder
from shop.contracts.events import Event, OrderCancelled, OrderShipped

Change = Callable[[Order], list[Event]]


def change_order(order_id: UUID, change: Change, actor: Actor, context: DecisionContext) -> Commit | None:
    """Change an order for its owner or a manager. Raises: UnknownOrder, and errors of the change."""
    order = context.load(ORDER, order_id)
    if order.placed is None:
        raise UnknownOrder(str(order_id))
    require_owner(actor, order.placed.customer, UnknownOrder, order_id)
    return context.commit(change(order), once=context.command_id, correlation_id=order_id)


def cancel(order: Order) -> list[Event]:
    """Raises: OrderNotCancellable, for an order that was rejected, shipped or cancelled before."""
    if order.placed is None or order.status not in (Status.PLACED, Status.APPROVED):
        raise OrderNotCancellable
    return [
        OrderCancelled(
            order_id=order.placed.order_id,
            customer=order.placed.customer,
            was_approved=order.status is Status.APPROVED,
        )
    ]


def ship(order: Order) -> list[Event]:
    """Raises: OrderNotShippable, for an order that is not approved."""
    if order.placed is None or order.status is not Status.APPROVED:
        raise OrderNotShippable
    return [OrderShipped(order_id=order.placed.order_id)]
