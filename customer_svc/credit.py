"""A step of the order saga: an order's total is reserved from the customer's credit once, and released once. Pure.

Command ids make both idempotent. So the customer's state has no list of orders, and does not grow with their number.
"""

from customer_svc.domain import CUSTOMER, Customer
from shop.contracts.commits import Commit, event_in
from shop.contracts.decisions import DecisionContext, reacts_to
from shop.contracts.events import (
    CreditRejected,
    CreditReleased,
    CreditReserved,
    Event,
    OrderCancelled,
    OrderPlaced,
    OrderRejected,
)
from shop.contracts.money import zero


class CreditReservations:
    """Reactions to orders that reserve and release credit."""

    @reacts_to(OrderPlaced)
    def reserve_credit(self, placed: OrderPlaced, context: DecisionContext) -> Commit | None:
        """Reserve the order's total, or reject the order: `credit:<order id>`."""
        customer = context.load(CUSTOMER, placed.customer)
        return context.commit([reserve(customer, placed)], once=f"credit:{placed.order_id}")

    @reacts_to(OrderRejected, OrderCancelled)
    def release_credit(self, ended: OrderRejected | OrderCancelled, context: DecisionContext) -> Commit | None:
        """Release the credit of a rejected or cancelled order: `credit-release:<order id>`."""
        reserved = event_in(context.find(f"credit:{ended.order_id}"), CreditReserved)
        if reserved is None:
            return None
        context.load(CUSTOMER, ended.customer)
        return context.commit([release(reserved, ended.customer)], once=f"credit-release:{ended.order_id}")


def reserve(customer: Customer | None, placed: OrderPlaced) -> Event:
    """The order's total, if the credit covers it. An unknown customer is treated as one without credit."""
    username, order_id, amount = placed.customer, placed.order_id, placed.total
    available = zero(amount.currency) if customer is None else customer.credit
    if customer is None or amount > available:
        return CreditRejected(username=username, order_id=order_id, amount=amount, available=available)
    return CreditReserved(username=username, order_id=order_id, amount=amount)


def release(reserved: CreditReserved, customer: str) -> Event:
    """Releases the whole reservation."""
    return CreditReleased(username=customer, order_id=reserved.order_id, amount=reserved.amount)
