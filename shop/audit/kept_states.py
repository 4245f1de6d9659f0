"""Compares the snapshots of long streams with their events."""

from collections.abc import Iterable, Mapping
from typing import Any

from shop.audit.checks import Check, Faults, count
from shop.audit.rows import Digest
from shop.contracts.commits import RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.events import Event
from shop.contracts.names import kind_of_stream
from shop.event_sourcing.snapshots import dump_state, form_of


class KeptStates:
    """Folds the streams with snapshots, and compares. Snapshots by former rules are never used, so they are skipped.

    Args:
        snapshots: all snapshots.
        deciders: the service's, by kind of stream.
    """

    name = "snapshots equal the log"

    def __init__(self, snapshots: Iterable[Mapping[str, Any]], deciders: Mapping[str, Decider[Any]]) -> None:
        self._faults = Faults()
        self._deciders: dict[str, Decider[Any]] = {}
        self._kept: dict[str, dict[int, Digest]] = {}
        self._states: dict[str, Any] = {}
        for snapshot in snapshots:
            stream = snapshot["stream"]
            decider = deciders.get(kind_of_stream(stream) or "")
            if decider and form_of(decider) == snapshot["form"]:
                self._deciders[stream], self._states[stream] = decider, decider.initial
                self._kept.setdefault(stream, {})[snapshot["version"]] = Digest.of(snapshot["state"])
        self._number = sum(len(versions) for versions in self._kept.values())

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        stream = recorded.stream
        if stream not in self._kept:
            return
        self._states[stream] = self._deciders[stream].evolve(self._states[stream], event)
        kept = self._kept[stream].pop(recorded.version, None)
        if kept is not None:
            right = kept == Digest.of(dump_state(self._states[stream]))
            self._faults.require(
                right,
                "the snapshot of {stream} at version {version} is another state",
                stream=stream,
                version=recorded.version,
            )

    def verdicts(self) -> list[Check]:
        """Empty without snapshots."""
        return [Check.of(self.name, self._faults, count(self._number, "snapshot"))] if self._number else []
