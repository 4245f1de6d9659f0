"""/healthz, /readyz, /metrics"""

from typing import Any

import eventlet
import structlog
from werkzeug.wrappers import Response

from gateway_svc import metrics, shapes
from gateway_svc.calls import Call, Json
from gateway_svc.routes import Access, Answer, route
from shop.chassis.rpc import Rpc
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.names import Service

SECONDS_TO_ANSWER = 2.0
READ_MODELS = (Service.CUSTOMERS, Service.PRODUCTS, Service.ORDERS, Service.ACCOUNTING)

log = structlog.get_logger(__name__)


class SomeNotReady(ServiceUnavailable):
    """Some services are not ready."""

    def __init__(self, services: Json) -> None:
        self.members = {"ready": False, "services": services}
        super().__init__()


class Health:
    event_store = Rpc(Service.EVENT_STORE.value)
    customers = Rpc(Service.CUSTOMERS.value)
    products = Rpc(Service.PRODUCTS.value)
    orders = Rpc(Service.ORDERS.value)
    accounting = Rpc(Service.ACCOUNTING.value)

    @route("GET", "/healthz", access=Access.ANYONE, answer=Answer(shape=shapes.Health), immediate=True)
    def get_health(self, _call: Call) -> Json:
        """Whether the gateway itself is alive."""
        return {"status": "ok"}

    @route("GET", "/readyz", access=Access.ANYONE, answer=Answer(shape=shapes.Readiness), refusals=[ServiceUnavailable])
    def get_readiness(self, _call: Call) -> Json:
        """Whether every service is there, and how far each is behind the log; 503 if one is missing."""
        services = self._services()
        if not all(service["ready"] for service in services.values()):
            raise SomeNotReady(services)
        return {"ready": True, "services": services}

    @route("GET", "/metrics", access=Access.ANYONE, answer=Answer(also=[metrics.CONTENT_TYPE]))
    def get_metrics(self, _call: Call) -> Response:
        """What this gateway has counted, and how far each service is behind the log, for Prometheus."""
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(metrics.exposition(self._services()), content_type=metrics.CONTENT_TYPE, headers=headers)

    def _services(self) -> Json:
        questions = {Service.EVENT_STORE: self.event_store.head}
        questions |= {name: getattr(self, name).status for name in READ_MODELS}
        asked = {name: eventlet.spawn(_ask, question) for name, question in questions.items()}
        return readiness({name: thread.wait() for name, thread in asked.items()})


def readiness(answers: dict[Service, Json | None]) -> Json:
    """Each service's readiness and lag in commits; null where one of the two services that it takes did not answer."""
    head = (answers[Service.EVENT_STORE] or {}).get("head")
    services: Json = {
        Service.EVENT_STORE.value: {"ready": head is not None, "position": head, "lag": None if head is None else 0}
    }
    for name in READ_MODELS:
        answer = answers[name] or {"ready": False, "position": None}
        position = answer["position"]
        lag = None if head is None or position is None else max(0, head - position)
        services[name.value] = {"ready": bool(answer["ready"]), "position": position, "lag": lag}
    return services


def _ask(question: Any) -> Json | None:
    """The answer; None if there is none in time."""
    try:
        with eventlet.Timeout(SECONDS_TO_ANSWER, ServiceUnavailable("no answer")):
            answer: Json = question()
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
        log.warning("not ready", reason=repr(error))
        return None
    return answer
