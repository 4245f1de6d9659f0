"""The customers read model, and the sessions; in SQL or in Redis.

A reservation's row moves from held to spent with OrderApproved and to released with CreditReleased. Eventual
consistency: for a few milliseconds after an order's approval, its amount still counts as held.
"""

from customer_svc.store.port import Customers
from customer_svc.store.redis import RedisCustomers
from customer_svc.store.shape import Reservation, columns_of, customer_wire
from customer_svc.store.sql import SqlCustomers

__all__ = ["Customers", "RedisCustomers", "Reservation", "SqlCustomers", "columns_of", "customer_wire"]
