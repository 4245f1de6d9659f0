"""The operator's access to a shop in one process: a Nameko service that forwards calls from a Unix socket.

Calls through it carry no actor and so have an operator's rights; only the owner of the data folder can open the socket.
"""

import contextlib
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import orjson
import structlog
from eventlet.event import Event
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint

from shop.contracts.errors import InvalidRequest, ShopError
from shop.messaging.rpc_client import Calls, Peer
from shop_cli.client import dump_error, short_address
from shop_cli.configuration import SOCKET

LONGEST_LINE = 4_000_000

log = structlog.get_logger(__name__)


class AnyService(DependencyProvider):
    """Dependency provider: a function from a service's name to its RPC methods."""

    calls = Calls()

    def get_dependency(self, worker_ctx: WorkerContext) -> Callable[[str], Peer]:
        return lambda service: Peer(worker_ctx, service, self.calls)


class JsonLines(Entrypoint):
    """Entrypoint that runs the method for each line received on the socket, and writes the result as a line."""

    def __init__(self) -> None:
        super().__init__(expected_exceptions=ShopError)

    def setup(self) -> None:
        self._path = Path(self.container.config[SOCKET])
        self._connections: set[socket.socket] = set()

    def start(self) -> None:
        self._listener = _listen(self._path)
        self._accepting = self.container.spawn_managed_thread(self._accept)

    def stop(self) -> None:
        self._path.unlink(missing_ok=True)
        self._accepting.kill()
        self._listener.close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    kill = stop

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                log.warning("operator rejected", error=str(error))
                eventlet.sleep(0.1)
                continue
            self.container.spawn_managed_thread(partial(self._serve, connection), identifier="operator")

    def _serve(self, connection: socket.socket) -> None:
        self._connections.add(connection)
        try:
            with connection, connection.makefile("rwb") as lines:
                while line := lines.readline(LONGEST_LINE):
                    lines.write(self._answer(line) + b"\n")
                    lines.flush()
        except OSError as error:
            log.info("operator disconnected", error=str(error))
        finally:
            self._connections.discard(connection)

    def _answer(self, line: bytes) -> bytes:
        try:
            return orjson.dumps({"result": self._result(line)})
        except Exception as error:  # noqa: BLE001 - any error is the answer
            return orjson.dumps({"error": dump_error(error)}, default=str)

    def _result(self, line: bytes) -> Any:
        request = orjson.loads(line)
        if not isinstance(request, dict) or not {"service", "method"} <= request.keys():
            raise InvalidRequest({"service": ["A request names a service and a method."]})
        done = Event()

        def handle_result(_worker_ctx: WorkerContext, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.send((result, exc_info and exc_info[1]))
            return result, exc_info

        call = (request["service"], request["method"], request.get("args", []), request.get("kwargs", {}))
        self.container.spawn_worker(self, call, {}, handle_result=handle_result)
        result, error = done.wait()
        if error:
            raise error
        return result


class BridgeService:
    """Forwards an operator's calls to the services."""

    name = "operator"

    services = AnyService()

    @JsonLines.decorator
    def pass_on(self, service: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a service's method with an operator's rights."""
        return getattr(self.services(service), method)(*args, **kwargs)


def _listen(path: Path) -> socket.socket:
    """A socket that only the owner can open. It replaces one that a killed process has left."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with short_address(path) as address:
            listener.bind(address)
    finally:
        os.umask(before)
    listener.listen(50)
    return listener
