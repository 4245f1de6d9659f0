"""Notes of the stand-ins behind the gateway, and deviations from their usual behaviour, as tests want them."""

from dataclasses import dataclass, field
from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from tests.component.support.gateway_samples import AT


class Books:
    """The services' answers about their books; tests change them."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.unaudited: set[str] = set()
        self.wrong: set[str] = set()

    def answer(self, service: str) -> dict[str, Any]:
        if service in self.unaudited:
            return {"running": {"position": 40, "head": 100}, "result": None, "current": False}
        ok = service not in self.wrong
        checks = [{"name": f"books of {service}", "ok": ok, "detail": "all" if ok else "something is missing"}]
        position = 99 if service == "orders" else 100
        result = {"position": position, "checked_at": AT, "ok": ok, "checks": checks}
        return {"running": None, "result": result, "current": True}


BOOKS = Books()


@dataclass
class Notes:
    """Calls to the stand-ins, and wanted deviations from their usual behaviour."""

    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    contexts: list[dict[str, Any]] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)

    def clear(self) -> None:
        self.calls.clear()
        self.contexts.clear()
        self.failures.clear()

    def take(self, method: str, context: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        self.calls.append((method, args, kwargs))
        self.contexts.append({"method": method, **context})
        if method in self.failures:
            raise self.failures[method]

    def last(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return self.calls[-1]

    def times(self, method: str) -> int:
        return sum(1 for called, _, _ in self.calls if called == method)


NOTES = Notes()


class Noting(DependencyProvider):
    """Notes a call, with the context data that came with it."""

    def get_dependency(self, worker_ctx: WorkerContext) -> Any:
        def note(*args: Any, **kwargs: Any) -> None:
            NOTES.take(worker_ctx.entrypoint.method_name, dict(worker_ctx.data), *args, **kwargs)

        return note
