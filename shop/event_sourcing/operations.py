"""RPC methods for operators and managers, for every service with a subscription.

Services inherit them from the module, `class OrdersService(operations.Operations)`: `nameko run` would run an imported
class with entrypoints as a service.
"""

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.actors import Actor, require_manager
from shop.contracts.views import RebuildProgress, StatusView
from shop.event_sourcing.runner import Runner
from shop.event_sourcing.subscription import Subscription, offer_reactions
from shop.messaging import liveness
from shop.messaging.rpc import rpc
from shop.service.identity import CallingActor
from shop.service.logs import MessageLog


class _Runner(DependencyProvider):
    """Dependency provider of the service's runner."""

    subscription = Subscription()

    def get_dependency(self, worker_ctx: WorkerContext) -> "_Controls":
        return _Controls(self.subscription, worker_ctx)


class _Controls:
    def __init__(self, subscription: Subscription, worker_ctx: WorkerContext) -> None:
        self._subscription = subscription
        self.store = subscription.event_store(worker_ctx)

    @property
    def runner(self) -> Runner:
        return self._subscription.runner


class Operations(liveness.Alive):
    """RPC methods for operators and managers."""

    following: _Controls = _Runner()
    caller: Actor = CallingActor()
    message_log = MessageLog()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        offer_reactions(cls)

    @rpc(quiet=True)
    def status(self) -> StatusView:
        """State of this process: `{service, active, paused, ready, position, reacted, rebuilding, refusal}`.

        `refusal`: why its database refuses writes; null if it accepts them.
        """
        runner = self._runner()
        projector = runner.projector
        return {
            "refusal": projector.trial.refusal() if projector else None,
            "service": runner.service,
            "active": runner.active,
            "paused": runner.paused,
            "ready": projector is None or projector.ready,
            "position": projector.shown if projector else runner.reacted,
            "reacted": runner.reacted,
            "rebuilding": projector is not None and projector.progress() is not None,
        }

    @rpc
    def rebuild(self) -> None:
        """Rebuild the read model from the first event on, while the old one keeps serving."""
        self._require_manager()
        runner = self._runner()
        if runner.projector:
            log_id, _ = self.following.store.head()
            runner.projector.request_rebuild(log_id)
            runner.wake()

    @rpc
    def rebuild_progress(self) -> RebuildProgress:
        """`{running, position, head}`: commits in the new read model, and in the log."""
        projector = self._runner().projector
        position = projector.progress() if projector else None
        _, head = self.following.store.head()
        return {"running": position is not None, "position": head if position is None else position, "head": head}

    @rpc
    def pause(self) -> None:
        """Pause reactions in this process, for maintenance. Reads and commands continue."""
        self._require_manager()
        self._runner().paused = True

    @rpc
    def resume(self) -> None:
        """Resume reactions, beginning with the commits since the pause."""
        self._require_manager()
        self._runner().paused = False
        self._runner().wake()

    def _runner(self) -> Runner:
        return self.following.runner

    def _require_manager(self) -> None:
        require_manager(self.caller)
