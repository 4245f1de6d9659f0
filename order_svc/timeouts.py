"""Orders whose reservation results are overdue."""

from datetime import datetime, timedelta
from functools import partial

from order_svc.deciding import reject_late_order
from order_svc.store import SqlOrders
from shop.contracts.decisions import Decide

MOST_AHEAD = timedelta(minutes=10)
"""An order from further in the future was placed by a wrong clock; it counts as overdue, too."""

MOST_AT_ONCE = 200
"""After a long outage, further ones are decided in the next second."""


def late_orders(rows: SqlOrders, now: datetime, *, order_timeout: float) -> list[Decide]:
    """Decisions on all orders placed more than `order_timeout` seconds ago, oldest first."""
    late = rows.undecided(now - timedelta(seconds=order_timeout), now + MOST_AHEAD, MOST_AT_ONCE)
    return [partial(reject_late_order, order_id) for order_id in late]
