"""Processes of the real services: their reactions, projections and chores, run by the real runner."""

import inspect
import math
from collections.abc import Callable, Sequence
from copy import copy
from functools import cache, partial
from typing import Any

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from shop.contracts.actors import Actor
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.log import Log
from shop.event_sourcing.projector import Projection, Projector
from shop.event_sourcing.runner import Runner
from shop.event_sourcing.subscription import Projects, ReactsTo, WhileCaughtUp
from shop.service.settings import Settings
from tests.simulation.support.read_models import ReadModelInMemory
from tests.simulation.support.scheduler import SimulatedGreenlets
from tests.simulation.support.world import Process, World

SERVICES = (CustomersService, ProductsService, OrdersService, AccountingService)
SETTINGS = Settings.of({"SHOP": {"order_timeout_seconds": 4}})
SERVICE_ITSELF = Actor.load(None)


class EventStoreCalls:
    """The way of one process to the event store, as an `EventStoreClient` wants it."""

    def __init__(self, world: World, process: Process) -> None:
        self._world = world
        self._process = process

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return partial(self._world.ask_store, self._process, method)


class DatabaseCalls:
    """The way of one process to its read model."""

    schema_version = ReadModelInMemory.schema_version

    def __init__(self, world: World, process: Process, model: ReadModelInMemory) -> None:
        self._world = world
        self._process = process
        self._model = model
        self.reading = model.reading
        self.namespaces = model.namespaces

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return partial(self._world.ask_database, self._process, getattr(self._model, method))


class Replica:
    """One process of a service, until it crashes; then another one takes its place."""

    def __init__(self, world: World, service: Any, number: int, model: ReadModelInMemory) -> None:
        self.service: str = service.name
        self.runner: Runner
        self.process: Process
        self._world = world
        self._class = service
        self._number = number
        self._model = model
        self._lives = 0
        self._start()

    def log(self, actor: Actor = SERVICE_ITSELF, *, seconds: float = math.inf) -> Log:
        """The log for the command of somebody who waits so long, in this process."""
        return Log(
            store=self._store,
            runner=self.runner,
            service=self.service,
            actor=actor,
            correlation_id="a client's call",
            deadline=self.runner.monotonic() + seconds,
        )

    def _start(self) -> None:
        self._lives += 1
        greenlets = SimulatedGreenlets(self._world.scheduler)
        self.process = Process(f"{self.service}.{self._number}", greenlets, on_crash=self._restart)
        self._store = EventStoreClient(EventStoreCalls(self._world, self.process))
        holder = f"{self.process.name}.{self._lives}"
        self.runner = Runner(service=self.service, holder=holder, store=self._store, greenlets=greenlets)
        self.process.notify = self.runner.notify
        self._serve(greenlets)
        self._world.processes.append(self.process)
        greenlets.spawn(self.runner.run)

    def _serve(self, greenlets: SimulatedGreenlets) -> None:
        database: Any = DatabaseCalls(self._world, self.process, self._model)
        instance = self._class()
        instance.settings, instance.log = SETTINGS, self.log()
        self.runner.serve(
            reactions=[entrypoint.bound_to(instance) for entrypoint in declared(self._class, ReactsTo)],
            projector=Projector(self.service, self._store, database, projections_of(self._class), greenlets),
            chores=[entrypoint.bound_to(instance, database) for entrypoint in declared(self._class, WhileCaughtUp)],
        )

    def _restart(self) -> None:
        self._world.processes.remove(self.process)
        self._world.scheduler.after(self._world.chance.uniform(0.1, 4.0), self._start)


def projections_of(service: Any) -> list[Projection]:
    return [entrypoint.bound_to(service()) for entrypoint in declared(service, Projects)]


@cache
def declared(service: Any, kind: type) -> Sequence[Any]:
    """The entrypoints of this kind, in the order in which the subscription runs them, without Nameko's container."""
    methods = inspect.getmembers(service, inspect.isfunction)
    return [
        _of_method(entrypoint, name)
        for name, method in methods
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if isinstance(entrypoint, kind)
    ]


def _of_method(entrypoint: Any, name: str) -> Any:
    named = copy(entrypoint)
    named.method_name = name
    return named
