"""Nameko's own command can run each service."""

import pytest
from nameko.cli.run import import_service
from nameko.containers import get_service_name

MODULES = {
    "event_store_svc.service": "event_store",
    "customer_svc.service": "customers",
    "product_svc.service": "products",
    "order_svc.service": "orders",
    "accounting_svc.service": "accounting",
    "gateway_svc.service": "gateway",
}


@pytest.mark.parametrize(("module", "name"), MODULES.items())
def test_nameko_finds_one_service_in_each_module(module: str, name: str) -> None:
    found = import_service(module)

    assert [get_service_name(service) for service in found] == [name]
