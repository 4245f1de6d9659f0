"""The customers read model, and the sessions beside it; in SQL or in Redis.

A reservation's row moves from held to spent with OrderApproved and to released with CreditReleased. Between an order's
approval and its showing here (a few milliseconds) its amount still counts as held.
"""

from customer_svc.store.port import Customers
from customer_svc.store.redis import CustomerKeys
from customer_svc.store.shape import Reservation, columns_of, customer_wire
from customer_svc.store.sql import CustomerRows

__all__ = ["CustomerKeys", "CustomerRows", "Customers", "Reservation", "columns_of", "customer_wire"]
