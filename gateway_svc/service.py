"""The Nameko service `gateway`."""

# Modules, not their classes: `nameko run` runs every class with entrypoints in this module as a service.
from gateway_svc.identity import Callers
from gateway_svc.resources import (
    audit,
    categories,
    customers,
    dead_letters,
    docs,
    health,
    invoices,
    orders,
    products,
    sessions,
    streams,
)
from shop.contracts.names import Service
from shop.messaging import liveness


class GatewayService(
    products.ProductRoutes,
    categories.CategoryRoutes,
    customers.CustomerRoutes,
    sessions.SessionRoutes,
    orders.OrderRoutes,
    invoices.InvoiceRoutes,
    streams.StreamRoutes,
    audit.AuditRoutes,
    dead_letters.DeadLetterRoutes,
    health.HealthRoutes,
    docs.DocsRoutes,
    liveness.Alive,
):
    """HTTP in front of the services."""

    name = Service.GATEWAY.value

    caller = Callers()
