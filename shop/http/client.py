"""Client of the gateway's HTTP API, for websites."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.response import BaseHTTPResponse

JSON = "application/json"

Json = dict[str, Any]
"""A JSON object of the gateway."""

SECONDS_TO_CONNECT = 2
SECONDS_TO_ANSWER = 12
"""Longer than the gateway's own waits for a worker and for a service."""

CONNECTIONS = 50


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The identity behind a call of the gateway.

    Args:
        token: of a session; None for a visitor.
        address: IP address of the person behind the website, for limits on failed log-ins.
    """

    token: str | None = field(default=None, repr=False)
    address: str = ""

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return headers | ({"X-Forwarded-For": self.address} if self.address else {})


@dataclass(frozen=True, kw_only=True)
class HttpReply:
    """A successful answer of the gateway."""

    status: int
    content_type: str
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The JSON value; None without content. Raises: GatewayUnavailable, if the content is no JSON."""
        if not self.body:
            return None
        if self.content_type != JSON:
            raise GatewayUnavailable(f"the gateway answered with {self.content_type} instead of JSON")
        return json.loads(self.body)


class GatewayError(Exception):
    """The gateway did not carry out the request."""


class GatewayUnavailable(GatewayError):
    """The gateway, or a service behind it, does not answer at the moment."""


class Problem(GatewayError):
    """The gateway refused (RFC 9457).

    Args:
        status: of HTTP, 400 to 599 without 502 to 504.
        kind: the last part of the problem's type, such as `username-taken`; "about:blank" if the status is enough.
        detail: a sentence, in English.
        errors: messages by field, in English; nested fields as `address.street`, `lines.0.quantity`.
        trace_id: id of the request in the gateway's logs.
        retry_after: seconds, if the gateway gives them.
    """

    def __init__(
        self,
        status: int,
        kind: str = "about:blank",
        detail: str = "",
        *,
        errors: Mapping[str, list[str]] | None = None,
        trace_id: str = "",
        retry_after: int | None = None,
    ) -> None:
        self.status, self.kind, self.detail = status, kind, detail
        self.errors: Mapping[str, list[str]] = errors or {}
        self.trace_id, self.retry_after = trace_id, retry_after
        super().__init__(f"{status} {kind}: {detail}")


class GatewayClient:
    """Calls the gateway over persistent connections. One for all threads of a site.

    Args:
        url: of the gateway, such as http://127.0.0.1:8000.
    """

    def __init__(self, url: str, *, seconds_to_answer: float = SECONDS_TO_ANSWER) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a gateway")
        self._pool = urllib3.connection_from_url(
            f"{parts.scheme}://{parts.netloc}",
            maxsize=CONNECTIONS,
            block=True,
            retries=False,
        )
        self._seconds_to_answer = seconds_to_answer
        self._prefix = parts.path.rstrip("/")

    def call(
        self,
        method: str,
        path: str,
        *,
        caller: Caller | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> HttpReply:
        """Call the gateway.

        Args:
            body: a JSON value; None sends no body.
            seconds: timeout, if shorter than the default.
            headers: additional ones, such as Idempotency-Key, If-Match or Accept.

        Raises:
            Problem: the gateway refused the request.
            GatewayUnavailable: the gateway or a service behind it did not answer in time.
        """
        sent = {"Accept": JSON, **(caller or Caller()).headers, **(headers or {})}
        content = None
        if body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), JSON
        target = self._prefix + path + (f"?{urlencode(query)}" if query else "")
        return _reply(self._send(method, target, content, sent, seconds or self._seconds_to_answer))

    def close(self) -> None:
        self._pool.close()

    def _send(
        self, method: str, target: str, content: bytes | None, headers: dict[str, str], seconds: float
    ) -> BaseHTTPResponse:
        """Retry requests that are safe to repeat, once, on a new connection: the kept one may have been closed."""
        repeatable = method == "GET" or "Idempotency-Key" in headers
        try:
            return self._send_once(method, target, content, headers, seconds)
        except ProtocolError as error:
            if not repeatable:
                raise GatewayUnavailable(str(error)) from error
        except HTTPError as error:
            raise GatewayUnavailable(str(error)) from error
        try:
            return self._send_once(method, target, content, headers, seconds)
        except HTTPError as error:
            raise GatewayUnavailable(str(error)) from error

    def _send_once(
        self, method: str, target: str, content: bytes | None, headers: dict[str, str], seconds: float
    ) -> BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=SECONDS_TO_CONNECT, total=seconds)
        return self._pool.urlopen(
            method, target, body=content, headers=headers, redirect=False, timeout=timeout, pool_timeout=ceil(seconds)
        )


def _reply(response: BaseHTTPResponse) -> HttpReply:
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.status in (502, 503, 504):
        raise GatewayUnavailable(f"the gateway answered {response.status}")
    if not 200 <= response.status < 300:
        raise _problem(response)
    return HttpReply(status=response.status, content_type=content_type, body=response.data)


def _problem(response: BaseHTTPResponse) -> Problem:
    retry_after = response.headers.get("Retry-After", "")
    told = _object(response.data)
    return Problem(
        response.status,
        kind=str(told.get("type", "about:blank")).rpartition(":problem:")[2],
        detail=str(told.get("detail", "")),
        errors=told.get("errors"),
        trace_id=str(told.get("trace_id", "")),
        retry_after=int(retry_after) if retry_after.isdecimal() else None,
    )


def _object(text: bytes) -> dict[str, Any]:
    """Empty for anything but a JSON object: proxies in between answer with pages of their own."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
