"""Checks addresses: whether one is free, and whether the gateway is ready there."""

import http.client
import json
import socket

from shop.http.endpoint import Endpoint
from shop_cli.refusal import Refusal

BACKLOG = 256
"""Length of the queue of connections to accept."""

SECONDS_TO_ANSWER = 5.0


def require_free(endpoint: Endpoint, key: str) -> None:
    """Raises: Refusal, if the address cannot be listened on."""
    listening_on(endpoint, key).close()


def listening_on(endpoint: Endpoint, key: str) -> socket.socket:
    """A listening socket.

    Args:
        key: of the setting with the address, for the message.

    Raises:
        Refusal: the address cannot be listened on.
    """
    # The address family as the gateway chooses it: "localhost" may be IPv4 and IPv6.
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(socket.getaddrinfo(endpoint.host, endpoint.port, family, socket.SOCK_STREAM)[0][4])
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise Refusal(f"Cannot listen on {endpoint}: {reason}. Set {key} to another address.") from error
    return listener


def serves(endpoint: Endpoint, path: str = "/readyz") -> bool:
    """Whether the server answers with success; the gateway's /readyz means that every service is ready."""
    return _answer(endpoint, path)[0] == http.HTTPStatus.OK


def complaint_of(gateway: Endpoint) -> str:
    """The gateway's reason for not being ready, in a sentence; empty if no gateway answers."""
    try:
        return str(json.loads(_answer(gateway, "/readyz")[1]).get("detail") or "")
    except (ValueError, AttributeError):
        return ""


def _answer(endpoint: Endpoint, path: str) -> tuple[int, bytes]:
    """Status and body; 0 and an empty body if no server answers."""
    connection = http.client.HTTPConnection(reachable(endpoint.host), endpoint.port, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def reachable(host: str) -> str:
    """A host to connect to: the loopback address for a server that listens on all addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is not bound here
