"""A shop's socket without a shop behind it, for tests of the commands that talk to one."""

import json
import socket
from collections.abc import Callable
from typing import Any

import eventlet

from shop.contracts.errors import ShopError
from shop_cli.client import dump_error
from shop_cli.folder import DataFolder


class OperatorsSocket:
    """Answers as told: `answers["products.status"] = {...}`, an exception to raise, or a function of the arguments."""

    def __init__(self, folder: DataFolder) -> None:
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[str, list[Any], dict[str, Any]]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder.socket))
        self._listener.listen()
        self._serving = eventlet.spawn(self._serve)

    def close(self) -> None:
        self._serving.kill()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rwb") as lines:
                for line in lines:
                    lines.write(json.dumps(self._answer(json.loads(line))).encode() + b"\n")
                    lines.flush()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        name = f"{request['service']}.{request['method']}"
        self.calls.append((name, request["args"], request["kwargs"]))
        answer = self.answers[name]
        if isinstance(answer, Callable):
            try:
                answer = answer(*request["args"], **request["kwargs"])
            except ShopError as error:
                answer = error
        return {"error": dump_error(answer)} if isinstance(answer, Exception) else {"result": answer}
