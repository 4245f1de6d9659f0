"""Limits on a client's use of resources."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds.

    Args:
        connections: open at once; beyond that an idle connection is closed, or the new one refused.
        target: the address in the request line.
        head: request line and header fields together.
        head_seconds: from the first byte of a request to the end of its head.
        body_seconds: for the whole body.
        idle_seconds: from one request to the next, or from the connection to the first.
        send_seconds: for the whole answer.
        drain, drain_seconds: bytes and seconds to read on after a refusal, so that the client receives it.
        stop_seconds: for requests in progress when the service stops.
    """

    connections: int = 500
    target: int = 4 * 1024
    head: int = 16 * 1024
    head_seconds: float = 10
    body: int = 64 * 1024
    body_seconds: float = 10
    idle_seconds: float = 75
    send_seconds: float = 60
    drain: int = 16 * 1024 * 1024
    drain_seconds: float = 5
    stop_seconds: float = 15
