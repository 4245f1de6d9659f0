"""Calls to the gateway on behalf of the visitor."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from flask import current_app, g

from shop.http.client import Caller, GatewayClient, GatewayUnavailable, HttpReply
from shop.web.visitor import client_address, current_user

Json = Any

SECONDS_FOR_A_PAGE = 9
"""Total time for the gateway's answers to all calls of a page; then the visitor gets an error page."""

MOST_ITEMS = 100
"""Items per call of a list."""

ITEMS_AT_ONCE = 20
"""Items per call for a download: in one process, other requests wait while a page is built."""

LONGEST_PAUSE = 1.0
"""In seconds, between such calls."""


def read(path: str, **query: object) -> Json:
    """The answer to a GET. Query values that are None or empty are left out.

    Raises:
        Problem, GatewayUnavailable.
    """
    return fetch(path, query=_texts(query)).json


def read_all(path: str, **query: object) -> list[Json]:
    """All items of a list, within the total time of one page. Raises: as `read`."""
    page = read(path, **query, limit=MOST_ITEMS)
    items: list[Json] = page["items"]
    while page["next"]:
        page = read(path, **query, limit=MOST_ITEMS, after=page["next"])
        items += page["items"]
    return items


def each(path: str, **query: object) -> Iterator[Json]:
    """All items of a list for a download without a total time: each call has its own timeout.

    The first call is made at once, so that its errors become error pages. Each later call is followed by a pause as
    long as the call, so that other requests are served. The iterator needs the context of the request.

    Raises: as `read`, also during iteration.
    """
    return _items(path, query, read(path, **query, limit=ITEMS_AT_ONCE))


def _items(path: str, query: dict[str, object], page: Json) -> Iterator[Json]:
    yield from page["items"]
    while page["next"]:
        g.pop("deadline", None)
        began = time.monotonic()
        page = read(path, **query, limit=ITEMS_AT_ONCE, after=page["next"])
        time.sleep(min(time.monotonic() - began, LONGEST_PAUSE))
        yield from page["items"]


def write(method: str, path: str, body: Json = None, *, key: str | None = None, version: int | None = None) -> Json:
    """A write request to the gateway. Returns its answer; None without content.

    Args:
        key: the Idempotency-Key, from the submitted form; another key means another request.
        version: the expected version (If-Match); for any other, the gateway refuses with 412.

    Raises:
        Problem, GatewayUnavailable.
    """
    headers = {"Idempotency-Key": key or uuid4().hex}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return _gateway().call(method, path, caller=_caller(), body=body, headers=headers, seconds=_seconds_left()).json


def fetch(path: str, *, accept: str = "application/json", query: dict[str, str] | None = None) -> HttpReply:
    """Any answer to a GET, such as a PDF. Raises: as `read`."""
    headers = {"Accept": accept}
    return _gateway().call("GET", path, caller=_caller(), query=query, headers=headers, seconds=_seconds_left())


def _seconds_left() -> float:
    """Seconds left of the page's total time. Raises: GatewayUnavailable, if none are left."""
    if "deadline" not in g:
        g.deadline = time.monotonic() + SECONDS_FOR_A_PAGE
    left: float = g.deadline - time.monotonic()
    if left <= 0:
        raise GatewayUnavailable("the page has waited for long enough")
    return left


def _gateway() -> GatewayClient:
    gateway: GatewayClient = current_app.extensions["gateway"]
    return gateway


def _caller() -> Caller:
    user = current_user()
    return Caller(token=user.token if user else None, address=client_address())


def _texts(query: dict[str, object]) -> dict[str, str]:
    # By identity: 0 equals False, but is a valid value.
    wanted = {name: value for name, value in query.items() if value is not None and value != "" and value is not False}
    return {name: "true" if value is True else str(value) for name, value in wanted.items()}
