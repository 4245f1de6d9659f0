"""Who is calling: the actor travels in the context data of Nameko's calls."""

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.actors import Actor

ACTOR = "actor"
TRACE_ID = "trace_id"


class CallingActor(DependencyProvider):
    """The `Actor` that this call is made for; an operator where a call carries none."""

    def get_dependency(self, worker_ctx: WorkerContext) -> Actor:
        return Actor.load(worker_ctx.data.get(ACTOR))
