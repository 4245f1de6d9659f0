"""The services, as an operator sees them."""

from collections.abc import Sequence

from shop.contracts.names import Service

WITH_READ_MODEL = (Service.CUSTOMERS, Service.PRODUCTS, Service.ORDERS, Service.ACCOUNTING)
"""Services that can rebuild their read model from the log."""

STAGES: Sequence[Sequence[Service]] = ((Service.EVENT_STORE,), WITH_READ_MODEL, (Service.GATEWAY,))
"""Services that start together; each stage depends on those before it."""

MODULES = {
    Service.EVENT_STORE: "event_store_svc.service",
    Service.CUSTOMERS: "customer_svc.service",
    Service.PRODUCTS: "product_svc.service",
    Service.ORDERS: "order_svc.service",
    Service.ACCOUNTING: "accounting_svc.service",
    Service.GATEWAY: "gateway_svc.service",
}
"""Module of each service, as `nameko run` takes it."""
