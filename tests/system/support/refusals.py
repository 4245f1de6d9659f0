"""The shop's answer to a request that it refuses, and how to send one that no HTTP library would."""

import contextlib
import http.client
import re
import socket
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any

import eventlet
import requests
from requests.structures import CaseInsensitiveDict

from shop.contracts import errors
from tests.support.waiting import LIMIT, let_others_run
from tests.system.support.shop_under_test import ShopUnderTest

MEMBERS = {"type", "title", "status", "detail", "trace_id"}
CLASSES = [name for name in vars(errors) if re.fullmatch("([A-Z][a-z]+){2,}", name)]
INTERNALS = re.compile(
    r"Traceback|\.py\b|Error\b|Exception|sqlite|SELECT |marshmallow|werkzeug|nameko\.|<class|object at 0x|_svc|"
    + "|".join(CLASSES)
)


def complaints(answer: requests.Response, statuses: Collection[int], field: str | None = None) -> str:
    """The fault of the answer to a bad request; empty if it is as it should be.

    Args:
        field: the field that has to be named as at fault, and no other.
    """
    if answer.status_code not in statuses:
        return f"status {answer.status_code}: {answer.text[:300]}"
    if answer.headers.get("Content-Type") != "application/problem+json":
        return f"content type {answer.headers.get('Content-Type')}"
    problem = answer.json()
    if problem.keys() - {"errors"} != MEMBERS or problem["status"] != answer.status_code:
        return f"members {problem}"
    if not all(isinstance(problem[name], str) and problem[name] for name in MEMBERS - {"status"}):
        return f"empty members {problem}"
    if INTERNALS.search(answer.text):
        return f"internals {answer.text[:300]}"
    if field is not None and not blames(problem.get("errors", {}), field):
        return f"errors {problem.get('errors')}"
    return ""


def refused_as(status: int, answers: Mapping[Any, requests.Response], field: str | None = None) -> dict[str, str]:
    """The faults of those answers that are not such refusals, by what was sent."""
    found = {sent: complaints(answer, (status,), field) for sent, answer in answers.items()}
    return {short(str(sent)): complaint for sent, complaint in found.items() if complaint}


def blames(named: Mapping[str, Any], field: str) -> bool:
    """Whether the field, or something in or around it, is at fault, and no other is."""
    related = [name for name in named if f"{name}.".startswith(f"{field}.") or f"{field}.".startswith(f"{name}.")]
    explained = all(isinstance(messages, list) and messages for messages in named.values())
    return bool(related) and len(related) == len(named) and explained


def short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:80]} … ({len(text)})"


def exchange(shop: ShopUnderTest, *pieces: bytes, rest: Iterable[bytes] = ()) -> requests.Response:
    """The answer to bytes sent as they are, piece after piece until the shop has answered; `rest` comes on the way."""
    host, _, port = shop.installation.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as sock:
        sender = eventlet.spawn(_send, sock, chain(pieces, rest))
        response = http.client.HTTPResponse(sock)
        response.begin()
        content = response.read()
        sender.kill()
    answer = requests.Response()
    answer.status_code, answer.headers = response.status, CaseInsensitiveDict(response.getheaders())
    answer._content = content
    return answer


def _send(sock: socket.socket, pieces: Iterable[bytes]) -> None:
    with contextlib.suppress(OSError):  # the shop has heard enough
        for piece in pieces:
            sock.sendall(piece)
            let_others_run()
