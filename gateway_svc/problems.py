"""Maps errors to problem details (RFC 9457), without internals."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from shop.contracts import errors
from shop.contracts.errors import ShopError

PROBLEM = "application/problem+json"
RETRY_AFTER = 1
"""Seconds for the header Retry-After, when a service did not answer."""

INTERNAL = (errors.CommitTooLarge, errors.InvalidCommit, errors.CheckpointMoved)
"""Errors between the services. One that reaches the gateway is a bug."""


class RequestProblem(ShopError):
    """The request is invalid.

    Args:
        detail: the fault, in a sentence.
        errors: messages by field or header, where there is one.
    """

    status = 400

    def __init__(self, detail: str, errors: Mapping[str, list[str]] | None = None) -> None:
        self.errors = errors
        super().__init__(detail)

    def __str__(self) -> str:
        return str(self.args[0])


class BadJson(RequestProblem):
    """The request body is not valid JSON."""


class NotJson(RequestProblem):
    """Content-Type must be application/json."""

    status = 415


def new_trace_id() -> str:
    """An id for a request, in the answer, the logs and the calls to the services."""
    return uuid4().hex


def problem_response(error: Exception, trace_id: str) -> Response:
    """The answer to a request that failed with this error; an unforeseen error is a 500 without details."""
    problem, headers = _problem(error)
    body = orjson.dumps(problem | {"trace_id": trace_id}, option=orjson.OPT_NON_STR_KEYS)
    return Response(
        body,
        status=problem["status"],
        content_type=PROBLEM,
        headers={**headers, "X-Trace-Id": trace_id, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def is_ours(error: Exception) -> bool:
    """Whether the error is a bug or failure on our side, to be logged with its traceback."""
    return bool(_problem(error)[0]["status"] == HTTPStatus.INTERNAL_SERVER_ERROR)


def _problem(error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    """Problem details and additional header fields."""
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, errors.WrongExpectedVersion | errors.ServiceUnavailable):
        return _unavailable(error)
    if isinstance(error, ShopError) and not isinstance(error, INTERNAL) and error.status < 500:
        return _refusal(error)
    return _plain(
        HTTPStatus.INTERNAL_SERVER_ERROR, "An internal error occurred. Quote the trace ID when you report it."
    ), {}


def _http_problem(error: HTTPException) -> tuple[dict[str, Any], dict[str, str]]:
    detail, headers = error.description or "", {}
    if isinstance(error, NotFound):
        detail = "No resource exists at this URL."
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted({*(error.valid_methods or ()), "OPTIONS"}))
        detail, headers = f"Allowed methods: {allowed}.", {"Allow": allowed}
    if retry_after := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(retry_after)
    return _plain(HTTPStatus(error.code or 500), detail), headers


def _unavailable(error: ShopError) -> tuple[dict[str, Any], dict[str, str]]:
    """503, worth a retry. The request may have been carried out nevertheless, hence the advice."""
    detail = "A service is currently unavailable. Retry with the same Idempotency-Key."
    if isinstance(error, errors.WrongExpectedVersion):
        detail = "Too many concurrent changes to this resource. Retry with the same Idempotency-Key."
    problem = _plain(HTTPStatus.SERVICE_UNAVAILABLE, detail) | getattr(error, "members", {})
    return problem, {"Retry-After": str(RETRY_AFTER)}


def _refusal(error: ShopError) -> tuple[dict[str, Any], dict[str, str]]:
    """A request refused for its own content or for the state of the shop."""
    title, kind = _naming(type(error))
    problem = {"type": kind, "title": title, "status": error.status, "detail": str(error)}
    if found := getattr(error, "errors", None):
        problem["errors"] = found
    if isinstance(error, errors.InvalidRequest):
        problem["detail"] = f"{title}."
    return problem, _refusal_headers(error)


def _refusal_headers(error: ShopError) -> dict[str, str]:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.TooManyTries):
        return {"Retry-After": str(max(1, int(error.retry_after)))}
    return {}


def _plain(status: HTTPStatus, detail: str) -> dict[str, Any]:
    """A problem without a type of its own, described by its status (RFC 9457, section 4.2.1)."""
    return {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}


def _naming(error: type[ShopError]) -> tuple[str, str]:
    """Title and type: the first line of the class's docstring, and `urn:shop:problem:stock-below-zero`."""
    title = (error.__doc__ or "").strip().split("\n")[0].split(". ")[0].rstrip(".")
    slug = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", error.__name__).lower()
    return title, f"urn:shop:problem:{slug}"
