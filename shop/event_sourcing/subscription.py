"""Entrypoints of services with a subscription: reactions, `@projects` and `@while_caught_up`.

A shared extension collects them, consumes the event store's `committed` messages and runs the service's only `Runner`.
A single greenlet, instead of a worker per event, keeps the order of the log.
"""

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog
from kombu.entity import Queue
from kombu.message import Message
from nameko.containers import WorkerContext
from nameko.extensions import (
    ENTRYPOINT_EXTENSIONS_ATTR,
    Entrypoint,
    ProviderCollector,
    SharedExtension,
    register_entrypoint,
)
from nameko.standalone.events import get_event_exchange

from shop.contracts.decisions import REACTS_TO, Decide
from shop.contracts.errors import ShopError
from shop.contracts.events import Event
from shop.contracts.names import Service
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.projector import Projection, Projector
from shop.event_sourcing.reactions import Reaction
from shop.event_sourcing.runner import Chore, Runner
from shop.messaging.broker import TROUBLE
from shop.messaging.consumer import QueueConsumer
from shop.messaging.rpc import RpcConsumer
from shop.messaging.rpc_client import Calls, Peer
from shop.read_models.read_model import ReadModel
from shop.read_models.stores import read_models_of
from shop.service.background import background

log = structlog.get_logger(__name__)

COMMITTED = "committed"
QUEUE = "evt-event_store-committed--{service}-{process}"


class Subscription(SharedExtension, ProviderCollector):
    """A service's catch-up subscription to the log, in this process."""

    queue_consumer = QueueConsumer()
    calls = Calls()
    rpc_consumer = RpcConsumer()
    never_waits = True

    def setup(self) -> None:
        config, service = self.container.config, self.container.service_name
        self.process = config.get("HOLDER") or uuid4().hex
        # Each process has a queue of its own, bound while the process is the leader. Missed commits are read from the
        # event store.
        self.queue = Queue(
            QUEUE.format(service=service, process=uuid4().hex),
            exchange=get_event_exchange(Service.EVENT_STORE, config),
            routing_key=COMMITTED,
            durable=False,
            auto_delete=True,
            no_ack=True,
            queue_arguments={"x-max-length": 100, "x-overflow": "drop-head"},
        )
        self.queue_consumer.register_provider(self)
        store = self.event_store(background(self.container))
        self.runner = Runner(service=service, holder=self.process, store=store, listen=self._listen)
        self._unbound_in = 0

    def start(self) -> None:
        self._prepare(self.runner)
        self._running = self.container.spawn_managed_thread(self.runner.run, identifier="runner")

    def end_work(self) -> None:
        """Let the runner finish its batch. Nameko stops entrypoints first, while the databases are still open."""
        self.runner.stop()
        self._running.wait()

    def stop(self) -> None:
        self.end_work()
        self.queue_consumer.unregister_provider(self)
        super().stop()

    def handle_message(self, body: Any, message: Message) -> None:  # noqa: ARG002 - nameko's signature
        """The message is a hint; the log is authoritative."""
        try:
            self.runner.notify(body)
        except Exception as error:  # noqa: BLE001 - a malformed message must not stop the service
            log.warning("malformed message dropped", service=self.container.service_name, error=repr(error))

    def _listen(self, wanted: bool) -> None:
        """A standby unbinds its queue: decoding every message would cost as much as processing it.

        Nor does it get the leader's priority for calls.
        """
        self.rpc_consumer.follows(wanted)
        connection = self.queue_consumer.connections
        if wanted == (connection != self._unbound_in):
            return
        with suppress(*TROUBLE):
            self.queue_consumer.listen(self.queue, wanted)
            self._unbound_in = 0 if wanted else connection

    def event_store(self, worker_ctx: WorkerContext) -> EventStoreClient:
        """The event store, called on behalf of this worker."""
        return EventStoreClient(Peer(worker_ctx, Service.EVENT_STORE, self.calls))

    def _prepare(self, runner: Runner) -> None:
        instance = self._service_instance()
        store = self.event_store(background(self.container))
        model = next(iter(read_models_of(self.container)), None)
        projections = [p.bound_to(instance) for p in self._of(Projects)]
        name = self.container.service_name
        runner.serve(
            reactions=[p.bound_to(instance) for p in self._of(ReactsTo)],
            projector=Projector(name, store, model, projections) if model else None,
            chores=[p.bound_to(instance, model) for p in self._of(WhileCaughtUp)],
        )

    def _of(self, kind: type) -> Sequence[Any]:
        mine = [provider for provider in self._providers if isinstance(provider, kind)]
        return sorted(mine, key=lambda provider: str(provider.method_name))

    def _service_instance(self) -> Any:
        """One instance of the service for all its ordered work, with its dependencies."""
        instance = self.container.service_cls()
        context = background(self.container, instance)
        for provider in self.container.dependencies:
            setattr(instance, provider.attr_name, provider.get_dependency(context))
        return instance


class _Ordered(Entrypoint):
    """An entrypoint run by the subscription, in log order."""

    subscription = Subscription()

    def setup(self) -> None:
        self.subscription.register_provider(self)

    def stop(self) -> None:
        self.subscription.unregister_provider(self)
        self.subscription.end_work()


class _OfEvents(_Ordered):
    def __init__(self, *events: type[Event]) -> None:
        super().__init__()
        self.types = frozenset(event.__name__ for event in events)


class ReactsTo(_Ordered):
    """The entrypoint of a method that is declared with `shop.contracts.decisions.reacts_to`."""

    def __init__(self, types: frozenset[str]) -> None:
        super().__init__()
        self.types = types

    def bound_to(self, instance: Any) -> Reaction:
        return Reaction(self.method_name, self.types, getattr(instance, self.method_name))


class Projects(_OfEvents):
    """The method projects these events into the read model: `def show(self, recorded, rows) -> None`."""

    def bound_to(self, instance: Any) -> Projection:
        return Projection(self.method_name, self.types, getattr(instance, self.method_name))


class WhileCaughtUp(_Ordered):
    """The method is called every `interval` seconds in the leader, when the log's head has been reached.

    `def reject_late_orders(self, rows, now) -> list[Decide]`: the decisions it returns are carried out like commands.
    """

    def __init__(self, interval: float) -> None:
        super().__init__()
        self.interval = interval

    def bound_to(self, instance: Any, model: ReadModel) -> Chore:
        ask: Callable[[Any, datetime], Sequence[Decide]] = getattr(instance, self.method_name)

        def run(now: datetime) -> None:
            with model.reading() as rows:
                decisions = ask(rows, now)
            for decision in decisions:
                try:
                    instance.log.execute(decision)
                except ShopError:
                    raise
                except Exception:
                    # A failing command must not block the others and the whole service.
                    log.exception("chore failed", service=self.container.service_name, method=self.method_name)

        return Chore(self.interval, run)


def offer_reactions(service: type) -> None:
    """Give each reaction of a service's class its entrypoint, for Nameko to find."""
    for _, method in inspect.getmembers(service, inspect.isfunction):
        offered = getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if hasattr(method, REACTS_TO) and not any(isinstance(one, ReactsTo) for one in offered):
            register_entrypoint(method, ReactsTo(getattr(method, REACTS_TO)))


projects = Projects.decorator
while_caught_up = WhileCaughtUp.decorator
