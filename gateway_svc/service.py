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
    products.Products,
    categories.Categories,
    customers.Customers,
    sessions.Sessions,
    orders.Orders,
    invoices.Invoices,
    streams.Streams,
    audit.Audit,
    dead_letters.DeadLetters,
    health.Health,
    docs.Docs,
    liveness.Alive,
):
    """HTTP in front of the services."""

    name = Service.GATEWAY.value

    caller = Callers()
