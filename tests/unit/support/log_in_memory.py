"""An event store in memory, with the wire forms of the real one, for tests of what follows the log."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any

from shop.contracts.errors import CheckpointMoved, CommandReused, ServiceUnavailable, WrongExpectedVersion

Wire = dict[str, Any]


class LogInMemory:
    """Answers the calls of an `EventStoreClient`.

    `before_append` lets a test act in the last moment before the next write, `before_each_append` before all of them.

    Args:
        at_once: events of a stream in one answer.
    """

    def __init__(self, at_once: int = 1_000_000) -> None:
        self.at_once = at_once
        self.snapshots: dict[tuple[str, int], Wire] = {}
        self.commits: list[Wire] = []
        self.checkpoints: dict[str, int] = {}
        self.letters: list[Wire] = []
        self.retrying: set[str] = set()
        self.calls: list[str] = []
        self.before_append: Callable[[], None] | None = None
        self.before_each_append: Callable[[], None] | None = None
        self.away = False

    # Writing

    def append(self, commit: Wire) -> Wire:
        self._called("append")
        self._interfere()
        return self._append(commit)

    def append_many(self, commits: Sequence[Wire], checkpoint: Sequence[Any] | None = None) -> Wire:
        self._called("append_many")
        self._interfere()
        if checkpoint and self.checkpoints.get(checkpoint[0], 0) != checkpoint[1]:
            raise CheckpointMoved(checkpoint[0], checkpoint[1], self.checkpoints.get(checkpoint[0], 0))
        spoilt: set[str] = set()
        outcomes = [self._outcome(commit, spoilt) for commit in commits]
        moved = bool(checkpoint) and not any("error" in outcome for outcome in outcomes)
        if checkpoint and moved:
            self.checkpoints[checkpoint[0]] = checkpoint[2]
        return {"outcomes": outcomes, "checkpoint_moved": moved}

    def _outcome(self, commit: Wire, spoilt: set[str]) -> Wire:
        streams = {event["stream"] for event in commit["events"]}
        touched = spoilt & set(commit["expects"])
        try:
            answer = self._append(commit, touched)
        except (WrongExpectedVersion, CommandReused) as error:
            spoilt |= streams
            return {"error": {"type": type(error).__name__, "args": list(error.args)}}
        if answer["duplicate"]:
            spoilt |= streams
        return answer

    def _append(self, commit: Wire, spoilt: Iterable[str] = ()) -> Wire:
        known = self._known(commit["command_id"])
        if known:
            if known["fingerprint"] != commit["fingerprint"]:
                raise CommandReused
            return {"commit": deepcopy(known), "duplicate": True}
        for stream, version in commit["expects"].items():
            if self._version(stream) != version or stream in spoilt:
                raise WrongExpectedVersion(stream, version, self._version(stream))
        versions = dict(commit["expects"])
        events = []
        for event in deepcopy(commit["events"]):
            versions[event["stream"]] += 1
            events.append({**event, "version": versions[event["stream"]]})
        kept = {
            "position": len(self.commits) + 1,
            "command_id": commit["command_id"],
            "fingerprint": commit["fingerprint"],
            "events": events,
            "meta": {"at": "2026-11-23T09:30:00.000Z", **commit["meta"]},
            "hash": _hash_of(len(self.commits) + 1),
        }
        self.commits.append(kept)
        return {"commit": deepcopy(kept), "duplicate": False}

    def _interfere(self) -> None:
        act, self.before_append = self.before_append, None
        for interference in (act, self.before_each_append):
            if interference:
                interference()

    # Reading

    def read_streams(self, wanted: Sequence[Sequence[Any]]) -> Wire:
        self._called("read_streams")
        streams = {}
        for stream, after in wanted:
            events = [e for e in self.events() if e["stream"] == stream]
            fresh = [event for event in events if event["version"] > after][: self.at_once]
            reached = fresh[-1]["version"] if fresh else len(events)
            anchor = _hash_of(fresh[-1]["position"]) if fresh else ""
            more = reached if reached < len(events) else None
            streams[stream] = {"version": len(events), "events": fresh, "next": more, "anchor": anchor}
        return {"streams": streams}

    def read_snapshots(self, wanted: Sequence[Sequence[Any]]) -> Wire:
        self._called("read_snapshots")
        return {stream: self._snapshot(stream, form, at_most) for stream, form, at_most in wanted}

    def _snapshot(self, stream: str, form: str, at_most: int) -> Wire | None:
        found = [
            kept
            for (of, version), kept in self.snapshots.items()
            if (of, kept["form"]) == (stream, form) and version <= at_most
        ]
        return max(found, key=lambda kept: int(kept["version"]), default=None)

    def keep_snapshots(self, snapshots: Sequence[Wire]) -> None:
        self._called("keep_snapshots")
        self.snapshots |= {(kept["stream"], kept["version"]): kept for kept in snapshots}

    def list_snapshots(self, after: Sequence[Any]) -> Wire:
        found = [kept for key, kept in sorted(self.snapshots.items()) if key > tuple(after)][:1]
        return {"snapshots": found, "next": [found[-1]["stream"], found[-1]["version"]] if found else None}

    def read_all(self, after: int, limit: int = 1000) -> Wire:
        self._called("read_all")
        return {"log": "log", "head": len(self.commits), "commits": deepcopy(self.commits[after : after + limit])}

    def read_correlations(self, ids: Sequence[str]) -> Wire:
        self._called("read_correlations")
        found = {wanted: [e for e in self.events() if e["correlation_id"] == wanted] for wanted in ids}
        return {"correlations": found, "next": []}

    def find(self, command_ids: Sequence[str]) -> Wire:
        self._called("find")
        return {command_id: deepcopy(self._known(command_id)) for command_id in command_ids}

    def head(self) -> Wire:
        return {"log": "log", "head": len(self.commits)}

    def events(self) -> list[Wire]:
        """All events, as `read_streams` answers them."""
        found = []
        for commit in deepcopy(self.commits):
            found += [{**event, "position": commit["position"], **commit["meta"]} for event in commit["events"]]
        return found

    def types(self, stream: str) -> list[str]:
        """The types of a stream's events, in order."""
        return [event["type"] for event in self.events() if event["stream"] == stream]

    # Subscriptions

    def lease(self, name: str, holder: str, seconds: float) -> Wire:
        self._called("lease")
        mine = [x["correlation_id"] for x in self.letters if x["subscription"] == name]
        retrying = sorted(self.retrying & set(mine))
        return {"held": True, "holder": holder, "log": "log", "head": len(self.commits), "retrying": retrying}

    def release_lease(self, name: str, holder: str) -> None:
        self._called("release_lease")

    def checkpoint(self, name: str) -> Wire:
        return {"log": "log", "position": self.checkpoints.get(name, 0)}

    def set_aside(self, subscription: str, letters: Sequence[Wire]) -> None:
        for letter in letters:
            same = [
                x for x in self.letters if (x["position"], x["reaction"]) == (letter["position"], letter["reaction"])
            ]
            self.retrying.discard(letter["correlation_id"])
            if same:
                same[0].update(letter)
            else:
                self.letters.append({"subscription": subscription, **letter})

    def dead_letters(self, subscription: str) -> list[Wire]:
        return sorted((x for x in self.letters if x["subscription"] == subscription), key=lambda x: x["position"])

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        self.letters = [
            x for x in self.letters if not (x["correlation_id"] == correlation_id and x["position"] <= position)
        ]

    def _known(self, command_id: str) -> Wire | None:
        return next((commit for commit in self.commits if commit["command_id"] == command_id), None)

    def _version(self, stream: str) -> int:
        return sum(event["stream"] == stream for commit in self.commits for event in commit["events"])

    def _called(self, method: str) -> None:
        if self.away:
            raise ServiceUnavailable("event_store")
        self.calls.append(method)


def _hash_of(position: int) -> str:
    return f"the hash of {position}"
