"""The simulated machine room: the event store, the bus, the databases, and the dangers on the way to them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from event_store_svc.domain import AppendCall, Link
from shop.contracts.errors import ServiceUnavailable, ShopError
from tests.simulation.support.chance import Climate
from tests.simulation.support.event_store import LOG, EventStoreInMemory, dump_answer, load_call
from tests.simulation.support.invariants import Watch
from tests.simulation.support.scheduler import Killed, Scheduler, SimulatedGreenlets, SimulatedSignal

WRITING = ("append", "append_many")
RPC_TIMEOUT = 5.0


@dataclass
class Process:
    """Something that can crash. `name`: such as `products.1`."""

    name: str
    greenlets: SimulatedGreenlets
    alive: bool = True
    notify: Callable[[dict[str, Any]], None] = field(default=lambda message: None)
    on_crash: Callable[[], None] = field(default=lambda: None)


@dataclass
class _Waiting:
    """A call that waits for the next group to be written."""

    call: AppendCall
    answered: SimulatedSignal
    answer: Any = None


class World:
    """Everything that happens, happens here, as the seed wants it.

    Args:
        tell: is told what happens, where somebody wants to read it.
    """

    def __init__(self, seed: int, tell: Callable[[str], None] | None = None) -> None:
        self.chance = random.Random(seed)
        self.climate = Climate.of(self.chance)
        self.scheduler = Scheduler()
        self.store = EventStoreInMemory(lambda: self.scheduler.time)
        self.watch = Watch()
        self.processes: list[Process] = []
        self.dangers: dict[str, int] = {}
        self._tell = tell
        self._away_until = 0.0
        self._group: list[_Waiting] = []

    def note(self, who: str, what: str, **more: object) -> None:
        if self._tell:
            details = " ".join(f"{name}={value}" for name, value in more.items())
            self._tell(f"{self.scheduler.time:8.3f}  {who:<14} {what} {details}".rstrip())

    def strikes(self, danger: str) -> bool:
        """Whether it happens now."""
        chance = getattr(self.climate, danger)
        if not chance or self.chance.random() >= chance:
            return False
        self.dangers[danger] = self.dangers.get(danger, 0) + 1
        return True

    def moment(self) -> float:
        """How long a step takes: some milliseconds, sometimes many."""
        return self.chance.expovariate(400.0)

    # What processes call

    def ask_store(self, process: Process, method: str, *args: Any, **kwargs: Any) -> Any:
        """A call of the event store, with all that can happen on the way."""
        self._begin_step(process, method)
        if self.strikes("loss"):
            self.note(process.name, f"{method}: the call is lost")
            raise self._given_up()
        if self.strikes("late"):
            self.note(process.name, f"{method}: the call is late")
            self.scheduler.after(self.chance.uniform(0.0, 9.0), partial(self._carry_out_late, method, args, kwargs))
            raise self._given_up()
        answer = self._answer_of(process, method, args, kwargs)
        self._end_step(process, method)
        if self.strikes("loss"):
            self.note(process.name, f"{method}: the answer is lost")
            raise self._given_up()
        return answer()

    def ask_database(self, process: Process, method: Callable[..., Any], *args: Any) -> Any:
        """A call of a service's own database."""
        name = f"database.{method.__name__}"
        self._begin_step(process, name)
        answer = method(*args)
        self._end_step(process, name)
        return answer

    def crash(self, process: Process) -> None:
        """End the process. Its greenlets end where they wait; one that calls this has to end by itself."""
        process.alive = False
        process.greenlets.kill()
        process.on_crash()

    def _begin_step(self, process: Process, step: str) -> None:
        self._require_alive(process)
        self.scheduler.pause(self.moment())
        if self.strikes("stall"):
            self.note(process.name, "stands still")
            self.scheduler.pause(self.chance.uniform(4.0, 9.0))
        self._maybe_crash(process, f"before {step}")

    def _end_step(self, process: Process, step: str) -> None:
        self.scheduler.pause(self.moment())
        self._maybe_crash(process, f"after {step}")

    def _maybe_crash(self, process: Process, when: str) -> None:
        self._require_alive(process)
        if self.strikes("crash"):
            self.note(process.name, f"CRASHES {when}")
            self.crash(process)
            raise Killed

    def _require_alive(self, process: Process) -> None:
        if not process.alive:
            raise Killed

    def _given_up(self) -> ServiceUnavailable:
        self.scheduler.pause(self.chance.choice((0.05, RPC_TIMEOUT)))
        return ServiceUnavailable("event_store")

    # The event store

    def _answer_of(self, process: Process, method: str, args: Any, kwargs: Any) -> Callable[[], Any]:
        """The answer when it arrives. It may be an error."""
        if self.scheduler.time < self._away_until:
            raise ServiceUnavailable("event_store")
        if method not in WRITING:
            answer = getattr(self.store, method)(*args, **kwargs)
            return lambda: answer
        waiting = self._join_group(load_call(method, args, **kwargs))
        waiting.answered.wait()
        self.note(process.name, method, **self._told(waiting))
        if isinstance(waiting.answer, ServiceUnavailable):
            raise waiting.answer
        return partial(dump_answer, method, waiting.answer)

    def _carry_out_late(self, method: str, args: Any, kwargs: Any) -> None:
        if method in WRITING and self.scheduler.time >= self._away_until:
            self.note("event_store", f"a late {method} is carried out")
            self._join_group(load_call(method, args, **kwargs))
        elif method in ("lease", "release_lease"):
            getattr(self.store, method)(*args, **kwargs)

    def _join_group(self, call: AppendCall) -> _Waiting:
        if not self._group:
            self.scheduler.after(self.moment(), self._write_group)
        waiting = _Waiting(call, SimulatedSignal(self.scheduler))
        self._group.append(waiting)
        return waiting

    def _write_group(self) -> None:
        """As the real writer does: one plan for all that wait, and a message when it is written."""
        group, self._group = self._group, []
        if self.strikes("outage"):
            self._fail(group, "before a group is written")
            return
        planned = self.store.write([waiting.call for waiting in group])
        for link in planned.links:
            self.note("event_store", f"#{link.commit['position']} {link.commit['command_id']}", **_contents(link))
            self.watch.see(link.commit)
        if self.strikes("outage"):
            self._fail(group, "after a group is written")
            return
        for waiting, answer in zip(group, planned.answers, strict=True):
            waiting.answer = answer
            waiting.answered.send()
        if planned.links:
            self._publish([link.commit for link in planned.links])

    def _fail(self, group: list[_Waiting], when: str) -> None:
        self.note("event_store", f"CRASHES {when}")
        self._away_until = self.scheduler.time + self.chance.uniform(0.1, 3.0)
        for waiting in group:
            waiting.answer = ServiceUnavailable("event_store")
            waiting.answered.send()

    def _told(self, waiting: _Waiting) -> dict[str, object]:
        outcomes = getattr(waiting.answer, "outcomes", [waiting.answer])
        told = [
            type(outcome).__name__ if isinstance(outcome, Exception) else f"#{outcome.commit['position']}"
            for outcome in outcomes
        ]
        return {"outcomes": ",".join(told), "checkpoint": waiting.call.move}

    # The bus

    def _publish(self, commits: list[Any]) -> None:
        message = {"log": LOG, "after": commits[0]["position"] - 1, "head": commits[-1]["position"], "commits": commits}
        for process in self.processes:
            if not self.strikes("drop"):
                self._deliver(process, message)
            if self.strikes("double"):
                self._deliver(process, message)

    def _deliver(self, process: Process, message: dict[str, Any]) -> None:
        seconds = self.chance.uniform(0.0, 3.0) if self.strikes("delay") else self.moment()
        self.scheduler.after(seconds, lambda: process.notify(message) if process.alive else None)


def _contents(link: Link) -> dict[str, object]:
    return {"by": link.commit["meta"]["service"], "events": ",".join(event["type"] for event in link.commit["events"])}


def is_refusal(error: Exception) -> bool:
    """Whether the shop said no, and did not just fail to answer."""
    return isinstance(error, ShopError) and not isinstance(error, ServiceUnavailable)
