"""Worker contexts for greenlets of the service itself, which belong to no call."""

from typing import Any

from nameko.containers import ServiceContainer, WorkerContext
from nameko.extensions import Entrypoint

from shop.contracts.actors import SERVICE, Actor
from shop.service.identity import ACTOR


class _Background(Entrypoint):
    """Placeholder entrypoint of work without a call."""

    method_name = "background"


def background(container: ServiceContainer, service: Any = None) -> WorkerContext:
    """A worker context for greenlets that belong to no call; the actor of its calls is the service itself."""
    actor = Actor(container.service_name, SERVICE)
    return WorkerContext(container, service, _Background(), data={ACTOR: actor.dump()})


def is_background(worker_ctx: WorkerContext) -> bool:
    """Whether the context belongs to no call."""
    return isinstance(worker_ctx.entrypoint, _Background)
