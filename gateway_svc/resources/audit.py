"""/v1/audit: whether the books are right."""

import time
from collections.abc import Mapping
from typing import Any

import eventlet

from gateway_svc import shapes
from gateway_svc.calls import Call, Json
from gateway_svc.routes import Access, Answer, route
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.names import Service
from shop.messaging.rpc import Rpc

AUDITED = (Service.EVENT_STORE, Service.CUSTOMERS, Service.PRODUCTS, Service.ORDERS, Service.ACCOUNTING)
MAX_AGE = 60.0
"""Seconds; a service looks again when what it knows is older."""

SECONDS_TO_WAIT = 3.0
"""For the first result of all services."""

POLL_SECONDS = 0.05


class AuditUnderWay(ServiceUnavailable):
    """The first audit is under way. Ask again in a moment."""

    def __init__(self, progress: Json | None = None) -> None:
        super().__init__()
        self.members = {"detail": str(self), "progress": progress or {}}


class Audit:
    event_store = Rpc(Service.EVENT_STORE.value)
    customers = Rpc(Service.CUSTOMERS.value)
    products = Rpc(Service.PRODUCTS.value)
    orders = Rpc(Service.ORDERS.value)
    accounting = Rpc(Service.ACCOUNTING.value)

    @route(
        "GET",
        "/v1/audit",
        access=Access.MANAGER,
        answer=Answer(shape=shapes.Audit),
        refusals=[AuditUnderWay],
    )
    def get_audit(self, _call: Call) -> Json:
        """What came of the last audit. One that is older than a minute is made again, for whoever asks next.

        The answer to the very first request may be 503, with how far each service has come.
        """
        deadline = time.monotonic() + SECONDS_TO_WAIT
        while True:
            answers = self._ask()
            if all(answer["result"] for answer in answers.values()):
                return gathered({name: answer["result"] for name, answer in answers.items()})
            if time.monotonic() > deadline:
                raise AuditUnderWay({name: answer["running"] for name, answer in answers.items() if answer["running"]})
            eventlet.sleep(POLL_SECONDS)

    def _ask(self) -> dict[str, Json]:
        """All services at the same time."""
        replies: dict[str, Any] = {}
        try:
            for name in AUDITED:
                replies[name.value] = getattr(self, name).audit.call_async(max_age=MAX_AGE)
            return {name: reply.result() for name, reply in replies.items()}
        finally:
            for reply in replies.values():
                reply.forget()


def gathered(results: Mapping[str, Json]) -> Json:
    """The services' results as one: as old as the oldest, and right if all are."""
    return {
        "position": min(result["position"] for result in results.values()),
        "checked_at": min(result["checked_at"] for result in results.values()),
        "ok": all(result["ok"] for result in results.values()),
        "checks": [check for result in results.values() for check in result["checks"]],
    }
