"""The registry of services. Each is declared here once; starting, readiness, audit, rebuilds and tests follow from it.

A service's methods are declared in `shop/contracts/api.py`. Its processes in config.yaml and compose.yaml, and its
rights on the broker, are compared with this registry by tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.contracts.names import Service


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A service.

    Args:
        name: its Nameko name.
        module: its module, as `nameko run` takes it.
        stage: the services of a stage start together, after those of lower stages.
        has_read_model: it has a subscription to the log and a read model, which can be rebuilt.
        is_audited: it has an audit.
    """

    name: Service
    module: str
    stage: int
    has_read_model: bool = False
    is_audited: bool = False


def _follower(name: Service, module: str) -> Registered:
    return Registered(name=name, module=module, stage=1, has_read_model=True, is_audited=True)


SERVICES: Sequence[Registered] = (
    Registered(name=Service.EVENT_STORE, module="event_store_svc.service", stage=0, is_audited=True),
    _follower(Service.CUSTOMERS, "customer_svc.service"),
    _follower(Service.PRODUCTS, "product_svc.service"),
    _follower(Service.ORDERS, "order_svc.service"),
    _follower(Service.ACCOUNTING, "accounting_svc.service"),
    Registered(name=Service.GATEWAY, module="gateway_svc.service", stage=2),
)
"""In the order of starting and of display."""

WITH_READ_MODEL: Sequence[Service] = tuple(service.name for service in SERVICES if service.has_read_model)
"""Services with a subscription to the log and a read model, which can be rebuilt."""

AUDITED: Sequence[Service] = tuple(service.name for service in SERVICES if service.is_audited)
"""Services that audit the log or their read model."""

STAGES: Sequence[Sequence[Service]] = tuple(
    tuple(service.name for service in SERVICES if service.stage == stage)
    for stage in sorted({service.stage for service in SERVICES})
)
"""Services that start together; each stage depends on those before it."""

MODULES = {service.name: service.module for service in SERVICES}
"""Module of each service, as `nameko run` takes it."""
