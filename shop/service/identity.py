"""The calling actor, sent in the context data of Nameko's calls."""

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.actors import Actor

ACTOR = "actor"
TRACE_ID = "trace_id"


class CallingActor(DependencyProvider):
    """Dependency provider of the call's `Actor`; an operator for a call without one."""

    def get_dependency(self, worker_ctx: WorkerContext) -> Actor:
        return Actor.load(worker_ctx.data.get(ACTOR))
