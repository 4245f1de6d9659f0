"""/healthz, /readyz, /metrics"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import eventlet
import structlog
from werkzeug.wrappers import Response

from gateway_svc import metrics, shapes
from gateway_svc.calls import Call
from gateway_svc.clients import Clients
from gateway_svc.routes import Access, Answer, route
from gateway_svc.seed import Beginning, Seed, SeedWatch, beginning_of
from shop.contracts import deadlines
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.names import Service
from shop.contracts.wire import Wire
from shop.service.registry import WITH_READ_MODEL

SECONDS_TO_ANSWER = deadlines.READINESS

NOT_SEEDED = "The first manager or the demo data has not been created yet."

SILENT = "unreachable"
BUILDING = "building read model"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class ShopNotReady(ServiceUnavailable):
    """The shop is not ready."""

    def __init__(self, services: Wire, seeded: bool | None) -> None:
        detail = _what_is_missing(services, seeded)
        self.members = {"detail": detail, "ready": False, "seeded": seeded, "services": services}
        super().__init__()


class HealthRoutes(Clients):
    seed: SeedWatch = Seed()

    @route("GET", "/healthz", access=Access.ANYONE, answer=Answer(shape=shapes.Health), immediate=True)
    def get_health(self, _call: Call) -> Wire:
        """Liveness of the gateway."""
        return {"status": "ok"}

    @route("GET", "/readyz", access=Access.ANYONE, answer=Answer(shape=shapes.Readiness), refusals=[ServiceUnavailable])
    def get_readiness(self, _call: Call) -> Wire:
        """Readiness and lag of every service. 503 if one is unavailable or takes no writes, or while the first manager
        or the demo data has not been created.
        """
        services = self._services()
        seeded = self._is_seeded(services)
        if not (seeded and all(service["ready"] for service in services.values())):
            raise ShopNotReady(services, seeded)
        return {"ready": True, "seeded": True, "services": services}

    @route("GET", "/metrics", access=Access.ANYONE, answer=Answer(also=[metrics.CONTENT_TYPE]))
    def get_metrics(self, _call: Call) -> Response:
        """Prometheus metrics: the gateway's counters and the lag of each service."""
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(metrics.exposition(self._services()), content_type=metrics.CONTENT_TYPE, headers=headers)

    def _is_seeded(self, services: Wire) -> bool | None:
        def ask() -> Beginning | None:
            return _ask(partial(beginning_of, self.event_store))

        head = services[Service.EVENT_STORE]["position"]
        return self.seed.is_complete(head, [services[name]["position"] for name in WITH_READ_MODEL], ask)

    def _services(self) -> Wire:
        questions: dict[Service, Callable[[], Any]] = {Service.EVENT_STORE: self.event_store.health}
        questions |= {name: service.status for name, service in self.followers().items()}
        asked = {name: eventlet.spawn(_ask, question) for name, question in questions.items()}
        return readiness({name: thread.wait() for name, thread in asked.items()})


def readiness(answers: dict[Service, Wire | None]) -> Wire:
    """Each service's readiness, lag in commits, and reason for not being ready.

    The lag is null if the service or the event store did not answer.
    """
    log = answers[Service.EVENT_STORE] or {"head": None, "refusal": SILENT}
    head, refusal = log["head"], log["refusal"]
    services: Wire = {
        Service.EVENT_STORE.value: {
            "ready": refusal is None,
            "position": head,
            "lag": None if head is None else 0,
            "reason": refusal,
        }
    }
    for name in WITH_READ_MODEL:
        answer = answers[name] or {"ready": False, "position": None, "refusal": SILENT}
        position, reason = answer["position"], answer.get("refusal") or (None if answer["ready"] else BUILDING)
        lag = None if head is None or position is None else max(0, head - position)
        services[name.value] = {"ready": reason is None, "position": position, "lag": lag, "reason": reason}
    return services


def _what_is_missing(services: Wire, seeded: bool | None) -> str:
    missing = [f"{name} ({service['reason']})" for name, service in services.items() if not service["ready"]]
    if seeded is False and not missing:
        return NOT_SEEDED
    return f"Not ready: {', '.join(missing or [Service.EVENT_STORE])}."


def _ask(question: Callable[[], T]) -> T | None:
    """The answer; None after an error or a timeout."""
    try:
        with eventlet.Timeout(SECONDS_TO_ANSWER, ServiceUnavailable("no answer")):
            return question()
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
        log.warning("not ready", reason=repr(error))
        return None
