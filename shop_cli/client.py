"""Operator's client of a running shop: calls to any service.

A shop in one process is reached through the socket in its data folder; for others see `shop_cli.broker`.

A request is a line of JSON, `{"service", "method", "args", "kwargs"}`, the answer another one, `{"result"}` or
`{"error": {"type", "args", "text"}}`. Access to the socket (its owner's) is full access to the shop.
"""

import contextlib
import json
import os
import socket
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

from shop.contracts import errors
from shop.contracts.errors import ShopError
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal

LONGEST_PATH = 100
"""Bytes that fit the address of a Unix socket on every system."""


class ServiceFault(Exception):
    """An unexpected error in a service: none that its contract names."""


class Client(ABC):
    """Calls services one after the other: `client.call("products", "list_products", limit=5)`."""

    @property
    def rpc(self) -> "Services":
        """All services: `client.rpc.products.list_products(limit=5)`."""
        return Services(self)

    @abstractmethod
    def call(self, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Raises: ShopError as the service raised it; ServiceFault; Refusal, when the shop has gone."""

    @abstractmethod
    def processes(self, service: str) -> int | None:
        """Number of processes that answer calls for the service; None for a shop in one process."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ShopClient(Client):
    """Calls the services of a shop in one process, through its socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rwb")

    @classmethod
    def of(cls, folder: DataFolder) -> Self:
        """Raises: Refusal, where no shop is running on the folder."""
        try:
            return cls(_connected(folder.socket))
        except OSError as error:
            raise Refusal(f"No running shop found in {folder}. Start one with: shop run") from error

    def call(self, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        request = {"service": service, "method": method, "args": args, "kwargs": kwargs}
        try:
            self._lines.write(json.dumps(request).encode() + b"\n")
            self._lines.flush()
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise Refusal("The shop has stopped; connection closed.")
        answer = json.loads(line)
        if "error" in answer:
            raise load_error(answer["error"])
        return answer["result"]

    def processes(self, service: str) -> int | None:  # noqa: ARG002 - others have an answer
        return None

    def close(self) -> None:
        # Unsent data does not matter any more.
        with contextlib.suppress(OSError):
            self._lines.close()
        self._connection.close()


class Services:
    """Services of a running shop, as attributes or by name."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, service: str) -> "Methods":
        if service.startswith("_"):
            raise AttributeError(service)
        return Methods(self._client, service)

    __getitem__ = __getattr__


class Methods:
    """The methods of a service."""

    def __init__(self, client: Client, service: str) -> None:
        self._client = client
        self._service = service

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        return lambda *args, **kwargs: self._client.call(self._service, method, *args, **kwargs)


def dump_error(error: Exception) -> dict[str, Any]:
    """An error in its wire format."""
    return {"type": type(error).__name__, "args": [_plain(value) for value in error.args], "text": str(error)}


def load_error(wire: dict[str, Any]) -> Exception:
    """The error that was raised if it is one of the shop's; otherwise a ServiceFault that describes it."""
    found = getattr(errors, wire["type"], None)
    if isinstance(found, type) and issubclass(found, ShopError):
        return found(*wire["args"])
    return ServiceFault(f"{wire['type']}: {wire['text']}")


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | dict | list | None) else str(value)


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        with short_address(path) as address:
            connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def short_address(path: Path) -> Any:
    """The path, shortened to fit a socket's address while the context lasts: a deep folder becomes the current one."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    with contextlib.chdir(path.parent):
        yield path.name
