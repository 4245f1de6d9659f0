"""The stand-ins behind the gateway offer what the real services do: else its tests would prove nothing."""

import inspect

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from tests.component.support import gateway_backends as backends

PAIRS = {
    CustomersService: backends.Customers,
    ProductsService: backends.Products,
    OrdersService: backends.Orders,
    AccountingService: backends.Accounting,
    EventStoreService: backends.EventStore,
}
METHODS = [
    (service, stand_in, name)
    for service, stand_in in PAIRS.items()
    for name, method in inspect.getmembers(stand_in, inspect.isfunction)
    if hasattr(method, ENTRYPOINT_EXTENSIONS_ATTR)
]


def parameters(method):
    """Names in order, with what each is when it is not given."""
    return [(parameter.name, parameter.default) for parameter in inspect.signature(method).parameters.values()]


@pytest.mark.parametrize(
    ("service", "stand_in", "name"), METHODS, ids=[f"{stand_in.name}.{name}" for _, stand_in, name in METHODS]
)
def test_a_stand_in_takes_what_its_service_takes(service, stand_in, name):
    assert service.name == stand_in.name
    assert parameters(getattr(stand_in, name)) == parameters(getattr(service, name))
