"""`@route`: declares a method of the service as the answer to a request.

The declaration is the only source of a route: address and method, access, checks of body and query, the shape of the
answer, and the OpenAPI description of all this.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial, wraps
from typing import Any

import eventlet
import orjson
from eventlet.event import Event
from marshmallow import Schema
from nameko.extensions import register_entrypoint
from nameko.web.handlers import HttpRequestHandler
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from gateway_svc.boundary.server import HttpServer
from gateway_svc.calls import Call, query_values
from gateway_svc.conditions import entity_tag, idempotency_key
from gateway_svc.fields import Body, Query
from gateway_svc.identity import VISITOR, bearer_token
from gateway_svc.json_text import read_object, require_json
from gateway_svc.paths import openapi_path
from shop.contracts import deadlines
from shop.contracts.actors import ANONYMOUS, Actor
from shop.contracts.errors import Forbidden, ServiceUnavailable, ShopError, Unauthenticated
from shop.contracts.events import Role
from shop.contracts.money import Money
from shop.service.identity import ACTOR, TRACE_ID
from shop.service.settings import Settings
from shop.service.validation import check

WAIT_FOR_WORKER = deadlines.GATEWAY_QUEUE
"""Seconds in the queue when all workers are busy; then the request is shed with 503 (decision 23)."""

SECONDS_TO_ANSWER = deadlines.GATEWAY
"""In all: the queue, and every service that is called. A worker may take longer, but the client does not wait for it.
"""


class Access(StrEnum):
    """Access level of a route."""

    ANYONE = "anyone"
    USER = "any user"
    CUSTOMER = "customer"
    MANAGER = "manager"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of a route on success.

    Args:
        shape: schema of the JSON object, for the description; None for no body.
        many: a page of them, as `{"items": [...], "next": cursor}`.
        location: of the created resource, from fields of the answer: `"/v1/products/{id}"`.
        versioned: the ETag is the answer's version.
        also: other media types that the Accept header can select; the method provides them.
    """

    status: int = 200
    shape: type[Schema] | None = None
    many: bool = False
    location: str = ""
    versioned: bool = False
    also: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """The arguments of `@route`.

    Args:
        handler: the decorated method; its docstring describes the route.
        path: with variables, as in werkzeug's `Rule`.
        refusals: refusals by business rules; the usual ones (401, 422 …) follow from the rest.
        key_required: requests need an Idempotency-Key.
        edits: the resource has a version, so If-Match may name it.
        described: it is part of the OpenAPI description.
        immediate: answered without a worker and without authentication; takes no values and calls no service.
    """

    handler: Callable[..., Any]
    method: str
    path: str
    access: Access
    answer: Answer
    body: type[Body] | None = None
    query: type[Query] = Query
    refusals: Iterable[type[ShopError]] = ()
    key_required: bool = False
    edits: bool = False
    described: bool = True
    immediate: bool = False

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Route(HttpRequestHandler):
    """The entrypoint of `@route`."""

    server = HttpServer()

    def __init__(self, declared: Declaration) -> None:
        super().__init__(declared.method, declared.path, expected_exceptions=ShopError)
        self.declared = declared
        self.path = openapi_path(declared.path)

    def setup(self) -> None:
        super().setup()
        settings = Settings.of(self.container.config)
        self._proxies = settings.proxies
        self._body = (self.declared.body or Body)(currency=settings.currency)
        self._query = self.declared.query()

    def get_url_rule(self) -> Rule:
        return Rule(self.url, methods=[self.method])

    def stop(self) -> None:
        self.server.drain()
        super().stop()

    def handle(self, request: Request, path: dict[str, Any], trace_id: str) -> Response:
        """Answer the request in a worker. Raises: errors of the worker; ServiceUnavailable after SECONDS_TO_ANSWER."""
        if self.declared.immediate:
            return self.respond(self.declared.handler(None, self._call(request)))
        done = Event()
        context = {ACTOR: VISITOR.dump(), TRACE_ID: trace_id}
        # The worker may call several services, each with a timeout of its own; the client waits for this one only.
        with eventlet.Timeout(SECONDS_TO_ANSWER, ServiceUnavailable("gateway")):
            with eventlet.Timeout(WAIT_FOR_WORKER, ServiceUnavailable("gateway")):
                self.container.spawn_worker(
                    self,
                    (self, self._call(request)),
                    {name: str(value) for name, value in path.items()},
                    context_data=context,
                    handle_result=partial(self.handle_result, done),
                )
            result = done.wait()
        if isinstance(result, Exception):
            raise result
        response: Response = result
        return response

    def admit(self, service: Any, call: Call) -> None:
        """Authenticate and authorise the caller, and validate the request.

        Raises:
            Unauthenticated, Forbidden, BadJson, NotJson, BadHeader, InvalidRequest.
        """
        headers = call.request.headers
        call.token = bearer_token(headers.get("Authorization"))
        call.identity = service.caller.identify(call.token, fresh=self.declared.writes)
        require_access(self.declared.access, call.actor)
        if self.declared.writes:
            call.key = idempotency_key(headers.get("Idempotency-Key"), required=self.declared.key_required)
            call.body = self._read_body(call.request)
        call.query = check(self._query, query_values(call.request.environ["QUERY_STRING"]))

    def respond(self, result: Any) -> Response:
        """The method's result as an HTTP response."""
        if isinstance(result, Response):
            return result
        answer = self.declared.answer
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": self._cache_control}
        if answer.location:
            headers["Location"] = answer.location.format_map(result)
        if answer.versioned:
            headers["ETag"] = entity_tag(result["version"])
        if result is None:
            return Response(status=answer.status, headers=headers)
        return Response(
            orjson.dumps(with_money_as_text(result)),
            status=answer.status,
            headers=headers,
            content_type="application/json",
        )

    @property
    def _cache_control(self) -> str:
        """Public answers may be stored, but must be revalidated: stock changes from moment to moment."""
        return "no-cache" if self.declared.access is Access.ANYONE and not self.declared.writes else "no-store"

    def _call(self, request: Request) -> Call:
        return Call(request, self._proxies)

    def _read_body(self, request: Request) -> dict[str, Any]:
        text = request.get_data()
        if not text and self.declared.body is None:
            return {}
        if text:
            require_json(request.content_type or "")
        return check(self._body, read_object(text))


def route(
    method: str, path: str, *, access: Access, answer: Answer | None = None, **more: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Route such requests to the decorated method, `method(self, call, **path_variables)`.

    Its result is a `Response`, or JSON values with money in the RPC form.

    Args:
        answer: 200, if not given.
        more: see `Declaration`.
    """

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def work(service: Any, entrypoint: Route, call: Call, **path_variables: str) -> Response | Exception:
            try:
                entrypoint.admit(service, call)
                return entrypoint.respond(handler(service, call, **path_variables))
            except Exception as error:  # noqa: BLE001 - an answer like another; Nameko would log all of them as faults
                return error

        declared = Declaration(
            handler=handler, method=method, path=path, access=access, answer=answer or Answer(), **more
        )
        register_entrypoint(work, Route(declared))
        return work

    return declare


def require_access(access: Access, actor: Actor) -> None:
    """Raises: Unauthenticated for visitors, Forbidden for users in another role."""
    if access is Access.ANYONE:
        return
    if actor.role == ANONYMOUS:
        raise Unauthenticated
    if (access is Access.CUSTOMER and actor.role != Role.CUSTOMER) or (access is Access.MANAGER and not actor.manages):
        raise Forbidden


def with_money_as_text(value: Any) -> Any:
    """The same JSON values with every amount of money in its HTTP form: `{"amount": "19.98", "currency": "EUR"}`."""
    if isinstance(value, dict):
        if value.keys() == {"amount", "currency"}:
            return {"amount": Money.load(value).text, "currency": value["currency"]}
        return {name: with_money_as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [with_money_as_text(part) for part in value]
    return value
