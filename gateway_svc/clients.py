"""The services that the gateway calls."""

from collections.abc import Mapping
from typing import cast

from shop.contracts.api import AccountingApi, CustomersApi, EventStoreApi, FollowerApi, OrdersApi, ProductsApi
from shop.contracts.names import Service
from shop.messaging.rpc_client import rpc_client
from shop.service.registry import WITH_READ_MODEL


class Clients:
    """A client of each service, as dependencies, for resources that call all of them."""

    event_store: EventStoreApi = rpc_client(EventStoreApi)
    customers: CustomersApi = rpc_client(CustomersApi)
    products: ProductsApi = rpc_client(ProductsApi)
    orders: OrdersApi = rpc_client(OrdersApi)
    accounting: AccountingApi = rpc_client(AccountingApi)

    def followers(self) -> Mapping[Service, FollowerApi]:
        """The services that follow the log."""
        return {name: cast(FollowerApi, getattr(self, name)) for name in WITH_READ_MODEL}
