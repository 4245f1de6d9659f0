"""The WSGI application: finds the route of a request, and logs, counts and completes every answer."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from gateway_svc import metrics
from gateway_svc.problems import is_ours, new_trace_id, problem_response

ROUTE = "gateway.route"
"""Key of the route's path in a request's WSGI environment."""

QUIET = ("/healthz", "/readyz", "/metrics")
"""Polled by machines every few seconds: not logged."""

log = structlog.get_logger(__name__)


class Handler(Protocol):
    """The application's interface to a route."""

    @property
    def path(self) -> str:
        """The path in OpenAPI's form."""

    def get_url_rule(self) -> Rule: ...

    def handle(self, request: Request, path: dict[str, Any], trace_id: str) -> Response:
        """The answer. Raises: HTTPException, ShopError."""


class App:
    """A WSGI application of routes."""

    def __init__(self, routes: Iterable[Handler]) -> None:
        rules = Map(merge_slashes=False)
        for route in routes:
            rule = route.get_url_rule()
            rule.endpoint = route
            rules.add(rule)
        self._routes = rules.bind("gateway")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with metrics.IN_FLIGHT.track_inprogress():
            return self._answer_noted(Request(environ))(environ, start_response)

    def _answer_noted(self, request: Request) -> Response:
        """The answer, errors included. Logs the request and counts it in the metrics."""
        began, trace_id = time.perf_counter(), new_trace_id()
        try:
            response = self._answer(request, trace_id)
            response.headers["X-Trace-Id"] = trace_id
        except Exception as error:
            response = problem_response(error, trace_id)
            if is_ours(error):
                log.exception("request failed", trace_id=trace_id, method=request.method, path=request.path)
            elif response.status_code >= 500:
                log.warning("request failed", trace_id=trace_id, reason=str(error))
        self._note(request, response, trace_id, time.perf_counter() - began)
        return response

    def _answer(self, request: Request, trace_id: str) -> Response:
        if request.method == "OPTIONS":
            return self._options(request.path)
        route, path = self._routes.match(request.path, request.method)
        request.environ[ROUTE] = route.path
        answer: Response = route.handle(request, path, trace_id)
        return answer

    def _options(self, path: str) -> Response:
        """The methods allowed at an address; `*` stands for all. Raises: NotFound, without any route."""
        methods = list(self._routes.allowed_methods(path))
        if not methods and path != "*":
            self._routes.match(path, "GET")
        return Response(status=204, headers={"Allow": ", ".join(sorted({*methods, "OPTIONS"}))})

    def _note(self, request: Request, response: Response, trace_id: str, seconds: float) -> None:
        metrics.count(request.method, request.environ.get(ROUTE, metrics.OTHER), response.status_code, seconds)
        write = log.debug if request.path in QUIET else log.info
        write(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            trace_id=trace_id,
            ms=round(seconds * 1000, 1),
        )
