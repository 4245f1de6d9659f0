"""/v1/audit: results of the audit."""

import time
from collections.abc import Mapping

import eventlet

from gateway_svc import shapes
from gateway_svc.calls import Call
from gateway_svc.clients import Clients
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import EventStoreApi, FollowerApi
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.views import AuditAnswer, AuditResult
from shop.contracts.wire import Wire
from shop.messaging.rpc_client import Reply, call_async
from shop.service.registry import AUDITED

MAX_AGE = 60.0
"""Seconds after which a result is renewed."""

SECONDS_TO_WAIT = 3.0
"""Longest wait for the first result of all services."""

POLL_SECONDS = 0.05


class AuditUnderWay(ServiceUnavailable):
    """The first audit is in progress. Retry in a few seconds."""

    def __init__(self, progress: Wire | None = None) -> None:
        super().__init__()
        self.members = {"detail": str(self), "progress": progress or {}}


class AuditRoutes(Clients):
    @route(
        "GET",
        "/v1/audit",
        access=Access.MANAGER,
        answer=Answer(shape=shapes.Audit),
        refusals=[AuditUnderWay],
    )
    def get_audit(self, _call: Call) -> AuditResult:
        """Get the latest audit result. Starts a new audit if it is older than one minute.

        The first request may return 503 with the progress of each service.
        """
        deadline = time.monotonic() + SECONDS_TO_WAIT
        while True:
            answers = self._ask()
            results = {name: answer["result"] for name, answer in answers.items() if answer["result"]}
            if len(results) == len(answers):
                return gathered(results)
            if time.monotonic() > deadline:
                raise AuditUnderWay({name: answer["running"] for name, answer in answers.items() if answer["running"]})
            eventlet.sleep(POLL_SECONDS)

    def _ask(self) -> dict[str, AuditAnswer]:
        """Results of all services, requested concurrently."""
        replies: dict[str, Reply[AuditAnswer]] = {}
        try:
            for name in AUDITED:
                service: FollowerApi | EventStoreApi = getattr(self, name)
                replies[name.value] = call_async(service.audit, max_age=MAX_AGE)
            return {name: reply.result() for name, reply in replies.items()}
        finally:
            for reply in replies.values():
                reply.forget()


def gathered(results: Mapping[str, AuditResult]) -> AuditResult:
    """The services' results combined: as old as the oldest, and ok if all are."""
    return {
        "position": min(result["position"] for result in results.values()),
        "checked_at": min(result["checked_at"] for result in results.values()),
        "ok": all(result["ok"] for result in results.values()),
        "checks": [check for result in results.values() for check in result["checks"]],
    }
