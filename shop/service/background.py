"""Work that belongs to no call: greenlets of the service itself."""

from typing import Any

from nameko.containers import ServiceContainer, WorkerContext
from nameko.extensions import Entrypoint

from shop.contracts.actors import SERVICE, Actor
from shop.service.identity import ACTOR


class _Background(Entrypoint):
    """Stands for the entrypoint where there is none."""

    method_name = "background"


def background(container: ServiceContainer, service: Any = None) -> WorkerContext:
    """A worker context for greenlets that belong to no call; calls made with it come from the service itself."""
    actor = Actor(container.service_name, SERVICE)
    return WorkerContext(container, service, _Background(), data={ACTOR: actor.dump()})


def is_background(worker_ctx: WorkerContext) -> bool:
    """Whether it belongs to no call."""
    return isinstance(worker_ctx.entrypoint, _Background)
