"""The yardstick's HTTP server."""

import json
from typing import Any

from nameko.rpc import RpcProxy
from nameko.web.handlers import http


class Asking:
    """Calls the RPC server."""

    name = "yardstick_asking"

    answering = RpcProxy("yardstick_answering")

    @http("GET", "/numbers/<int:number>")
    def get_number(self, _request: Any, number: int) -> str:
        return json.dumps(self.answering.answer(number))
