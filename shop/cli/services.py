"""Which services an operator meets."""

from shop.contracts.names import Service

WITH_READ_MODEL = (Service.CUSTOMERS, Service.PRODUCTS, Service.ORDERS, Service.ACCOUNTING)
"""Those that show what the log holds, and can be rebuilt from it."""
