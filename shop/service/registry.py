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
        module: where `nameko run` finds it.
        stage: the services of a stage start together, after those of lower stages.
        has_read_model: it follows the log and shows what is in it; a read model can be rebuilt.
        is_audited: it can be asked for an audit.
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
"""In the order in which they are started and shown."""

WITH_READ_MODEL: Sequence[Service] = tuple(service.name for service in SERVICES if service.has_read_model)
"""Services that show what the log holds, and can be rebuilt from it."""

AUDITED: Sequence[Service] = tuple(service.name for service in SERVICES if service.is_audited)
"""Services that check the log or their read model."""

STAGES: Sequence[Sequence[Service]] = tuple(
    tuple(service.name for service in SERVICES if service.stage == stage)
    for stage in sorted({service.stage for service in SERVICES})
)
"""What is started together; each stage needs those before it."""

MODULES = {service.name: service.module for service in SERVICES}
"""Where `nameko run` finds each service."""
