"""Two kinds of load: a closed loop, as fast as its clients are answered, and an open loop at a fixed rate."""

import time
from collections.abc import Callable, Sequence

import eventlet

from tools.load.connection import ClientConnection
from tools.load.tally import Tally

Request = Callable[[ClientConnection], int]
"""Makes one request; returns its status."""


def closed_loop(url: str, request: Request, tally: Tally, *, clients: int, seconds: float) -> None:
    """Each client sends its next request after the answer to the one before."""
    deadline = time.monotonic() + seconds

    def client() -> None:
        connection = ClientConnection(url)
        while time.monotonic() < deadline:
            _make(request, connection, tally, time.monotonic())
        connection.close()

    _wait_for([eventlet.spawn(client) for _ in range(clients)])


def open_loop(url: str, request: Request, tally: Tally, *, rate: float, seconds: float) -> None:
    """A request is due every `1 / rate` seconds. The delay of a late one counts as latency: users do not wait for each
    other.
    """
    idle: list[ClientConnection] = []
    began = time.monotonic()

    def one(due: float) -> None:
        connection = idle.pop() if idle else ClientConnection(url)
        _make(request, connection, tally, due)
        idle.append(connection)

    under_way = []
    for number in range(round(rate * seconds)):
        due = began + number / rate
        eventlet.sleep(max(0.0, due - time.monotonic()))
        under_way.append(eventlet.spawn(one, due))
    _wait_for(under_way)


def _make(request: Request, connection: ClientConnection, tally: Tally, due: float) -> None:
    try:
        status = request(connection)
    except OSError:
        status = 0
        eventlet.sleep(0.1)
    tally.add(time.monotonic() - due, status)


def _wait_for(greenlets: Sequence[eventlet.greenthread.GreenThread]) -> None:
    for greenlet in greenlets:
        greenlet.wait()
