"""A gateway with a thing that has versions: edits change it, and those of another version are refused."""

from dataclasses import dataclass
from typing import Any

from shop.http.client import Problem
from tests.web.support.fake_gateway import FakeGateway


@dataclass
class Edited:
    """A thing that a made-up gateway keeps.

    Args:
        path: where it is edited; it is read there, too.
        thing: with its version, as it is read.
        edits: bodies of the edits that were carried out.
    """

    gateway: FakeGateway
    path: str
    thing: dict[str, Any]

    def __post_init__(self) -> None:
        self.edits: list[dict[str, Any]] = []
        self._answer, self.gateway.call = self.gateway.call, self._call  # type: ignore[method-assign]
        self.gateway.on("GET", self.path, self.thing)

    def change(self, **values: Any) -> None:
        """Another user edits it."""
        self.thing |= values | {"version": self.thing["version"] + 1}

    def _call(self, method: str, path: str, **options: Any) -> Any:
        if (method, path) != ("PATCH", self.path):
            return self._answer(method, path, **options)
        wanted = (options.get("headers") or {}).get("If-Match", f'"{self.thing["version"]}"')
        if wanted != f'"{self.thing["version"]}"':
            self.gateway.on(method, path, Problem(412, "edit-conflict"))
            return self._answer(method, path, **options)
        self.edits.append(options["body"])
        self.change(**options["body"])
        self.gateway.on(method, path, self.thing)
        return self._answer(method, path, **options)
