"""All services in one process: an ordered start, the wait until they are ready, and an orderly stop."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import eventlet
import structlog
from nameko.containers import ServiceContainer
from nameko.runners import ServiceRunner

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from gateway_svc.service import GatewayService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from shop.contracts.errors import ServiceUnavailable
from shop.http.endpoint import Endpoint
from shop.messaging import embedded
from shop.service.registry import WITH_READ_MODEL
from shop.service.settings import ConfigError
from shop_cli.bridge import BridgeService
from shop_cli.client import ShopClient
from shop_cli.endpoints import complaint_of, serves
from shop_cli.progress import progress_bar
from shop_cli.refusal import Refusal
from shop_cli.signals import StopSignal

STAGES: Sequence[Sequence[type]] = (
    (EventStoreService,),
    (CustomersService, ProductsService, OrdersService, AccountingService, BridgeService),
    (GatewayService,),
)
"""Services that start together; each stage depends on those before it."""

SECONDS_TO_STOP = 1.5
"""Per stage; work that has not ended then continues at the next start."""

SECONDS_WITHOUT_PROGRESS = 120
SECONDS_OF_HASTE = 5
"""Usual time of a start."""
NOWHERE = -1

log = structlog.get_logger(__name__)


class ServiceFailed(Exception):
    """A service could not start, or ended unexpectedly."""

    def __init__(self, service: str, what: str, error: BaseException) -> None:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        super().__init__(f"The service {service} {what}: {lines[0].rstrip('.')}.")


class OneProcess:
    """The services of STAGES in containers of Nameko."""

    def __init__(self, config: dict[str, Any]) -> None:
        embedded.register()
        self._stages = [_runner(config, services) for services in STAGES]
        self._started: list[ServiceRunner] = []

    def start(self, stop: StopSignal) -> None:
        """Start all but the gateway, stage by stage. A service that ends unexpectedly later makes `stop` fail.

        Raises:
            ServiceFailed: a service cannot start.
            ConfigError: a service rejects its configuration.
        """
        for stage in self._stages[:-1]:
            self._start(stage, stop)

    def open(self, stop: StopSignal) -> None:
        """Start the gateway. Raises: ServiceFailed, ConfigError."""
        self._start(self._stages[-1], stop)

    def stop(self) -> None:
        """Finish calls in progress, last stage first. A stage that never started has none."""
        for stage in reversed(self._started):
            try:
                with eventlet.Timeout(SECONDS_TO_STOP):
                    stage.stop()
            except (eventlet.Timeout, Exception):
                log.warning("services did not stop by themselves", services=list(stage.service_names), exc_info=True)

    def _start(self, stage: ServiceRunner, stop: StopSignal) -> None:
        services = stage.service_map.items()
        starting = [eventlet.spawn(_failure_of, name, "could not start", service.start) for name, service in services]
        for failure in filter(None, [thread.wait() for thread in starting]):
            raise failure
        self._started.append(stage)
        for name, service in services:
            eventlet.spawn(_watch, name, service, stop)


def wait_until_ready(client: ShopClient, gateway: Endpoint) -> None:
    """Return when every service answers and its read model has caught up with the log's present head.

    A slow start shows its progress. The log may still refuse appends then.

    Raises:
        Refusal: no service made progress for SECONDS_WITHOUT_PROGRESS.
    """
    head = _wait_for_log(client, time.monotonic() + SECONDS_WITHOUT_PROGRESS)
    reached: dict[str, int] = dict.fromkeys(WITH_READ_MODEL, NOWHERE)
    began = moved = time.monotonic()
    with progress_bar() as bar:
        shown = bar.add_task("Reading the log", total=head * len(reached), visible=False)
        while True:
            before, now = sum(reached.values()), time.monotonic()
            reached |= {name: max(at, _position(client, name, head)) for name, at in reached.items() if at < head}
            missing = [service for service, position in reached.items() if position < head]
            if not missing and (serves(gateway) or refusal_of(client)):
                return
            moved = now if sum(reached.values()) > before else moved
            if now - moved > SECONDS_WITHOUT_PROGRESS:
                raise Refusal(f"The shop did not become ready. {_still_missing(missing, gateway)}")
            in_haste = now - began < SECONDS_OF_HASTE
            bar.update(shown, completed=sum(reached.values()), visible=not in_haste)
            # Polling must not slow down a service that has much to read.
            eventlet.sleep(0.02 if in_haste else 0.5)


def _still_missing(services: Sequence[str], gateway: Endpoint) -> str:
    return (
        f"Still waiting for: {', '.join(services)}."
        if services
        else complaint_of(gateway) or "Still waiting for: gateway."
    )


def refusal_of(client: ShopClient) -> str | None:
    """Why the log refuses appends; None if it accepts them, or if that is not known."""
    try:
        refusal: str | None = client.call("event_store", "health")["refusal"]
    except ServiceUnavailable:
        return None
    return refusal


def _wait_for_log(client: ShopClient, deadline: float) -> int:
    """The log's head, once the event store answers."""
    while True:
        try:
            return int(client.call("event_store", "head")["head"])
        except ServiceUnavailable as error:
            if time.monotonic() > deadline:
                raise Refusal("The shop did not become ready. Still waiting for: event_store.") from error
        eventlet.sleep(0.02)


def _position(client: ShopClient, service: str, head: int) -> int:
    """The position up to which the service shows the log, or has read it to build its first read model."""
    try:
        status = client.call(service, "status")
        if status["ready"]:
            return int(status["position"])
        return min(int(client.call(service, "rebuild_progress")["position"]), head - 1)
    except ServiceUnavailable:
        return NOWHERE


def _runner(config: dict[str, Any], services: Sequence[type]) -> ServiceRunner:
    runner = ServiceRunner(config)
    for service in services:
        runner.add_service(service)
    return runner


def _watch(name: str, service: ServiceContainer, stop: StopSignal) -> None:
    if failure := _failure_of(name, "stopped", service.wait):
        stop.fail(failure)


def _failure_of(service: str, what: str, run: Callable[[], object]) -> ServiceFailed | ConfigError | None:
    """The exception, returned instead of raised: eventlet prints an exception that ends a greenlet."""
    try:
        run()
    except ConfigError as error:
        return error
    except Exception as error:
        log.exception("service failed", service=service)
        return ServiceFailed(service, what, error)
    return None
