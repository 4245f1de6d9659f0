"""The event store in memory. The real rules plan what it takes, and in which order: `event_store_svc.domain.plan`."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from event_store_svc.commits import seen
from event_store_svc.domain import (
    AppendAnswer,
    AppendCall,
    AppendPlan,
    CheckpointMove,
    KnownLog,
    Proposal,
    Recorded,
    Tail,
    plan,
)
from event_store_svc.encoding import encode
from shop.contracts.codec import dump_time
from shop.contracts.errors import CheckpointMoved, ShopError
from shop.contracts.wire import KeptCommit, SeenEvent
from tests.simulation.support.invariants import Violation
from tests.simulation.support.scheduler import time_of_day

LOG = "the simulated log"

Wire = dict[str, Any]


class EventStoreInMemory:
    """The log, and what those who follow it leave with it; answers are in the form of the real service's.

    Args:
        time: in seconds.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self.commits: list[KeptCommit] = []
        self.checkpoints: dict[str, int] = {}
        self._tail = Tail.of_empty(LOG)
        self._by_command: dict[str, KeptCommit] = {}
        self._versions: dict[str, int] = {}
        self._streams: defaultdict[str, list[SeenEvent]] = defaultdict(list)
        self._correlations: defaultdict[str, list[SeenEvent]] = defaultdict(list)
        self._leases: dict[str, tuple[str, float]] = {}

    # Writing

    def write(self, calls: Sequence[AppendCall]) -> AppendPlan:
        """Plan the calls as one group, and carry the plan out."""
        known = KnownLog(self._tail, self._by_command, self._versions, self.checkpoints)
        planned = plan(calls, known, now=dump_time(time_of_day(self._time())), encode=encode)
        for link in planned.links:
            self._tail = link.tail
            self._keep(link.commit)
        self.checkpoints |= planned.checkpoints
        return planned

    def _keep(self, commit: KeptCommit) -> None:
        self.commits.append(commit)
        self._by_command[commit["command_id"]] = commit
        for event in (seen(kept, commit) for kept in commit["events"]):
            self._versions[event["stream"]] = event["version"]
            self._streams[event["stream"]].append(event)
            self._correlations[event["correlation_id"]].append(event)

    # Reading

    def read_streams(self, wanted: Sequence[Sequence[Any]]) -> Wire:
        return {
            "streams": {
                stream: {
                    "version": len(self._streams[stream]),
                    "events": self._streams[stream][after:] if after < len(self._streams[stream]) else [],
                    "next": None,
                }
                for stream, after in wanted
            }
        }

    def read_all(self, after: int, limit: int = 1000) -> Wire:
        return {**self.head(), "commits": self.commits[after : after + limit]}

    def read_correlations(self, ids: Sequence[str]) -> Wire:
        return {"correlations": {wanted: list(self._correlations[wanted]) for wanted in ids}, "next": []}

    def find(self, command_ids: Sequence[str]) -> Wire:
        return {command_id: self._by_command.get(command_id) for command_id in command_ids}

    def head(self) -> Wire:
        return {"log": LOG, "head": len(self.commits)}

    # Subscriptions

    def checkpoint(self, name: str) -> Wire:
        return {"log": LOG, "position": self.checkpoints.get(name, 0)}

    def lease(self, name: str, holder: str, seconds: float) -> Wire:
        held_by, until = self._leases.get(name, (holder, 0.0))
        if held_by == holder or until <= self._time():
            held_by = holder
            self._leases[name] = (holder, self._time() + seconds)
        return {"held": held_by == holder, "holder": held_by, "retrying": [], **self.head()}

    def release_lease(self, name: str, holder: str) -> None:
        if self._leases.get(name, ("", 0.0))[0] == holder:
            del self._leases[name]

    def set_aside(self, subscription: str, letters: Sequence[Wire]) -> None:
        """Nothing in these runs gives a service a reason to."""
        raise Violation(f"{subscription} set aside {letters}")

    def dead_letters(self, subscription: str) -> list[Wire]:
        return []


def load_call(method: str, args: Sequence[Any], checkpoint: Sequence[Any] | None = None) -> AppendCall:
    """The request of a call of `append` or `append_many`."""
    commits = [args[0]] if method == "append" else args[0]
    return AppendCall([Proposal(**commit) for commit in commits], CheckpointMove(*checkpoint) if checkpoint else None)


def dump_answer(method: str, answer: AppendAnswer | CheckpointMoved) -> Wire:
    """The answer to `append` or `append_many`. Raises: the error of a refused commit, or CheckpointMoved."""
    if isinstance(answer, CheckpointMoved):
        raise answer
    if method == "append":
        (outcome,) = answer.outcomes
        if isinstance(outcome, ShopError):
            raise outcome
        return _dump_outcome(outcome)
    return {"outcomes": [_dump_outcome(outcome) for outcome in answer.outcomes]}


def _dump_outcome(outcome: Recorded | ShopError) -> Wire:
    if isinstance(outcome, ShopError):
        return {"error": {"type": type(outcome).__name__, "args": list(outcome.args)}}
    return {"commit": outcome.commit, "duplicate": outcome.duplicate}
