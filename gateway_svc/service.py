"""The Nameko service `gateway`."""

from gateway_svc.identity import Callers
from gateway_svc.resources.categories import Categories
from gateway_svc.resources.customers import Customers
from gateway_svc.resources.docs import Docs
from gateway_svc.resources.health import Health
from gateway_svc.resources.invoices import Invoices
from gateway_svc.resources.orders import Orders
from gateway_svc.resources.products import Products
from gateway_svc.resources.sessions import Sessions
from shop.contracts.names import Service


class GatewayService(Products, Categories, Customers, Sessions, Orders, Invoices, Health, Docs):
    """HTTP in front of the services."""

    name = Service.GATEWAY.value

    caller = Callers()
