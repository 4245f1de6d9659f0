"""Which services an operator meets."""

from collections.abc import Sequence

from shop.contracts.names import Service

WITH_READ_MODEL = (Service.CUSTOMERS, Service.PRODUCTS, Service.ORDERS, Service.ACCOUNTING)
"""Those that show what the log holds, and can be rebuilt from it."""

STAGES: Sequence[Sequence[Service]] = ((Service.EVENT_STORE,), WITH_READ_MODEL, (Service.GATEWAY,))
"""What is started together; each stage needs those before it."""

MODULES = {
    Service.EVENT_STORE: "event_store_svc.service",
    Service.CUSTOMERS: "customer_svc.service",
    Service.PRODUCTS: "product_svc.service",
    Service.ORDERS: "order_svc.service",
    Service.ACCOUNTING: "accounting_svc.service",
    Service.GATEWAY: "gateway_svc.service",
}
"""Where `nameko run` finds each service."""
