"""Calls to the gateway in the name of whoever visits."""

import time
from typing import Any
from uuid import uuid4

from flask import current_app, g

from shop.http_client import Caller, GatewayClient, GatewayUnavailable, Reply
from shop.web.visitor import client_address, current_user

Json = Any

SECONDS_FOR_A_PAGE = 9
"""To wait for the gateway, however many calls a page makes: whoever visits would rather hear that it takes too long."""


def read(path: str, **query: object) -> Json:
    """What a GET answers. Query values that are None or empty are left out.

    Raises:
        Problem, GatewayUnavailable.
    """
    return fetch(path, query=_texts(query)).json


def read_all(path: str, **query: object) -> list[Json]:
    """All items of a list, page after page. Raises: as `read`."""
    items: list[Json] = []
    after = None
    while True:
        page = read(path, **query, limit=100, after=after)
        items += page["items"]
        after = page["next"]
        if not after:
            return items


def write(method: str, path: str, body: Json = None, *, key: str | None = None, version: int | None = None) -> Json:
    """Have the gateway change something; None where it has nothing to say about it.

    Args:
        key: the Idempotency-Key, from the form that was sent; with another one it is done again.
        version: which the thing must have; where it has another by now, the gateway refuses with 412.

    Raises:
        Problem, GatewayUnavailable.
    """
    headers = {"Idempotency-Key": key or uuid4().hex}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return _gateway().call(method, path, caller=_caller(), body=body, headers=headers, seconds=_seconds_left()).json


def fetch(path: str, *, accept: str = "application/json", query: dict[str, str] | None = None) -> Reply:
    """Anything that can be had with GET, such as a PDF. Raises: as `read`."""
    headers = {"Accept": accept}
    return _gateway().call("GET", path, caller=_caller(), query=query, headers=headers, seconds=_seconds_left())


def _seconds_left() -> float:
    """Until whoever waits for this page has waited long enough. Raises: GatewayUnavailable, where they have."""
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
    # By identity: 0 equals False, and is a number to ask for.
    wanted = {name: value for name, value in query.items() if value is not None and value != "" and value is not False}
    return {name: "true" if value is True else str(value) for name, value in wanted.items()}
