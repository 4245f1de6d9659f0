"""Each service keeps what its Protocol in `shop.contracts.api` promises: the same methods, with the same signatures."""

import inspect
from importlib import import_module

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from shop.contracts.api import SERVICE_OF
from shop.contracts.names import Service
from shop.messaging.rpc import RpcMethod
from shop.service.registry import MODULES

PROMISES = {service: api for api, service in SERVICE_OF.items()}


def class_of(service):
    module = import_module(MODULES[service])
    (found,) = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and getattr(value, "name", None) == service
    ]
    return found


def rpc_methods_of(service):
    """The methods that are offered over RPC, by name; not the call of a process to itself."""
    return {
        name: method
        for name, method in inspect.getmembers(class_of(service), inspect.isfunction)
        if any(type(found) is RpcMethod for found in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()))
    }


def promised_by(api):
    return dict(inspect.getmembers(api, lambda member: inspect.isfunction(member) and member.__name__[0] != "_"))


def test_every_service_with_rpc_has_a_protocol():
    assert set(PROMISES) == set(Service) - {Service.GATEWAY}


@pytest.mark.parametrize("service", PROMISES, ids=str)
def test_a_service_offers_what_its_protocol_promises_and_nothing_else(service):
    assert rpc_methods_of(service).keys() == promised_by(PROMISES[service]).keys()


@pytest.mark.parametrize(
    ("service", "name"),
    [(service, name) for service, api in PROMISES.items() for name in promised_by(api)],
    ids=str,
)
def test_a_method_has_the_promised_signature(service, name):
    promised = inspect.signature(promised_by(PROMISES[service])[name], eval_str=True)

    assert inspect.signature(rpc_methods_of(service)[name], eval_str=True) == promised
