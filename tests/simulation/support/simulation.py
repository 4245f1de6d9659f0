"""One run: a seed, some orders, all dangers of its climate; then calm, until everything has come to its end."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, field

from event_store_svc.domain import AppendCall, Proposal
from order_svc.domain import ORDER, Status
from shop.contracts.events import OrderPlaced
from tests.simulation.support.clients import Clients, opening
from tests.simulation.support.invariants import Violation, require_equal
from tests.simulation.support.read_models import ReadModelInMemory, fold
from tests.simulation.support.services import SERVICES, Replica, projections_of
from tests.simulation.support.world import World

ORDERS = 25
SECONDS_OF_DANGER = 9.0
MOST_SECONDS = 120.0
MAY_CHANGE_NOTHING = ("set_credit", "edit_product")
"""Requests that are carried out, and leave nothing in the log, where all is as wished already."""
WITHOUT_NEWS = 2.0
"""Seconds after which everybody has seen what there is."""


@dataclass(frozen=True)
class Report:
    """The outcomes of the orders, in the form of the Jepsen reports.

    Attributes:
        attempted: the orders that clients wanted to place.
        acknowledged: of these, the ones that they were told are placed.
        ok: acknowledged, recorded once, and ended.
        lost: acknowledged, and not recorded, or without an end.
        recovered: never acknowledged, recorded all the same, and ended.
        duplicated: recorded more than once.
    """

    seeds: int = 0
    attempted: int = 0
    acknowledged: int = 0
    ok: int = 0
    lost: int = 0
    recovered: int = 0
    duplicated: int = 0
    commits: int = 0
    dangers: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Report") -> "Report":
        counts = (mine + theirs for mine, theirs in zip(astuple(self)[:-1], astuple(other)[:-1], strict=True))
        names = sorted({*self.dangers, *other.dangers})
        dangers = {name: self.dangers.get(name, 0) + other.dangers.get(name, 0) for name in names}
        return Report(*counts, dangers=dangers)

    def __str__(self) -> str:
        names = ("seeds", "attempted", "acknowledged", "ok", "lost", "recovered", "duplicated", "commits")
        counts = ", ".join(f"{name} {getattr(self, name):,}" for name in names)
        struck = ", ".join(f"{name} {count:,}" for name, count in self.dangers.items())
        return f"{counts}\ndangers: {struck or 'none'}"


class SeedFailed(Exception):
    """A promise was broken with this seed."""

    def __init__(self, seed: int, what: str) -> None:
        self.seed, self.what = seed, what
        super().__init__(seed, what)

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.what}"


def simulate(seed: int, tell: Callable[[str], None] | None = None) -> Report:
    """Run one seed. Raises: SeedFailed."""
    simulation = Simulation(seed, tell)
    try:
        return simulation.run()
    except Violation as violation:
        raise SeedFailed(seed, str(violation)) from violation
    finally:
        simulation.close()


class Simulation:
    """A shop of four services, each with one or two processes."""

    def __init__(self, seed: int, tell: Callable[[str], None] | None = None) -> None:
        self._world = world = World(seed, tell)
        world.note("simulation", f"seed {seed}", climate=world.climate)
        self._open()
        self._models = {service.name: ReadModelInMemory() for service in SERVICES}
        self._replicas = [
            Replica(world, service, number, self._models[service.name])
            for service in SERVICES
            for number in range(1, 1 + world.chance.choice((1, 2)))
        ]
        self._clients = Clients(world, self._replicas)

    def run(self) -> Report:
        """Raises: Violation."""
        world = self._world
        self._clients.begin(ORDERS)
        for second in range(int(SECONDS_OF_DANGER)):
            world.scheduler.at(second + 0.5, self._maybe_wipe)
        world.scheduler.run(until=SECONDS_OF_DANGER)
        dangers = dict(world.dangers)
        world.climate = world.climate.calm()
        world.note("simulation", "from here on nothing goes wrong any more")
        self._drain()
        world.watch.end()
        self._require_read_models()
        self._require_answers()
        return self._report(dangers)

    def close(self) -> None:
        """End all processes, so that nothing is left for the garbage collector to end at some other time."""
        for process in self._world.processes:
            process.greenlets.kill()

    def _open(self) -> None:
        commits = (commit.dump() for commit in opening(self._world.chance))
        planned = self._world.store.write([AppendCall([Proposal(**commit) for commit in commits])])
        for link in planned.links:
            self._world.watch.see(link.commit)

    def _maybe_wipe(self) -> None:
        for name, model in self._models.items():
            if self._world.strikes("wipe"):
                self._world.note(name, "the read model is WIPED")
                model.wipe()

    # The end

    def _drain(self) -> None:
        """Raises: Violation, when it takes too long."""
        world = self._world
        head = -1
        while self._clients.busy or head != len(world.store.commits) or self._unfinished():
            if world.scheduler.time > MOST_SECONDS:
                raise Violation(f"not at the end after {MOST_SECONDS} s: {'; '.join(self._unfinished()) or 'busy'}")
            head = len(world.store.commits)
            world.scheduler.run(until=world.scheduler.time + WITHOUT_NEWS)

    def _unfinished(self) -> list[str]:
        """Everything that still has to happen."""
        head = len(self._world.store.commits)
        behind = [
            f"{name} shows {model.current.position if model.current else 'nothing'} of {head}"
            for name, model in self._models.items()
            if model.current is None or model.current.position < head
        ]
        waiting = [f"{order} is {status}" for order, status in self._statuses().items() if status is Status.PLACED]
        return [*behind, *waiting]

    def _statuses(self) -> dict[str, Status | None]:
        """Of all orders in the log."""
        states = {}
        for recorded in self._world.watch.events:
            if recorded.stream.startswith("order-"):
                before = states.get(recorded.stream, ORDER.initial)
                states[recorded.stream] = ORDER.evolve(before, recorded.event)
        return {stream: order.status for stream, order in states.items()}

    def _require_read_models(self) -> None:
        for service in SERVICES:
            expected = fold(projections_of(service), self._world.watch.events)
            require_equal(service.name, self._models[service.name].shown, expected)

    def _require_answers(self) -> None:
        """Clients were told the truth. Raises: Violation."""
        for request in (*self._clients.orders.values(), *self._clients.others):
            times = self._world.watch.commands[request.command_id]
            if request.refused and times:
                raise Violation(f"{request.command_id} was refused ({request.refused}), and recorded")
            if request.acknowledged and request.name not in MAY_CHANGE_NOTHING and not times:
                raise Violation(f"{request.command_id} was acknowledged, and not recorded")

    def _report(self, dangers: dict[str, int]) -> Report:
        requests = list(self._clients.orders.values())
        ended = {stream for stream, status in self._statuses().items() if status is not Status.PLACED}
        placed = [recorded for recorded in self._world.watch.events if recorded.type == OrderPlaced.__name__]
        streams = {request.command_id.replace("place:", "order-"): request for request in requests}
        there = [request for stream, request in streams.items() if stream in ended]
        acknowledged = [request for request in requests if request.acknowledged]
        ok = [request for request in there if request.acknowledged]
        return Report(
            seeds=1,
            attempted=len(requests),
            acknowledged=len(acknowledged),
            ok=len(ok),
            lost=len(acknowledged) - len(ok),
            recovered=len(there) - len(ok),
            duplicated=len(placed) - len({recorded.stream for recorded in placed}),
            commits=len(self._world.store.commits),
            dangers=dangers,
        )
