"""Snapshots for callers. Snapshots of another log, or of a former state of this one, are not shown."""

from collections.abc import Sequence

from event_store_svc.schemas import load_snapshots
from event_store_svc.store import LogStorage
from shop.contracts.wire import DatedSnapshot, KeptCommit, SnapshotPage, SnapshotWire

MOST_LISTED = 100
"""Snapshots in one answer."""


class Snapshots:
    """Snapshot methods of the log."""

    def __init__(self, store: LogStorage) -> None:
        self._store = store

    def keep_snapshots(self, snapshots: Sequence[SnapshotWire]) -> None:
        """Raises: InvalidRequest."""
        self._store.snapshots.keep(load_snapshots(snapshots))

    def read_snapshots(self, wanted: Sequence[tuple[str, str, int]]) -> dict[str, DatedSnapshot | None]:
        """By stream, the latest snapshot of a form up to a version, and `at`, the time of its last event.

        Null without a valid one.
        """
        found = {stream: self._store.snapshots.latest(stream, form, at_most) for stream, form, at_most in wanted}
        return {stream: self._dated(snapshot) if snapshot else None for stream, snapshot in found.items()}

    def list_snapshots(self, after: tuple[str, int] = ("", 0)) -> SnapshotPage:
        """Snapshots after a stream and version, of any form, in this order; `next` is the cursor."""
        stream, version = after
        listed = self._store.snapshots.after(stream, version, MOST_LISTED)
        return {
            "snapshots": [one for one in listed if self._anchor_of(one)],
            "next": (listed[-1]["stream"], listed[-1]["version"]) if listed else None,
        }

    def _dated(self, snapshot: SnapshotWire) -> DatedSnapshot | None:
        commit = self._anchor_of(snapshot)
        return {**snapshot, "at": commit["meta"]["at"]} if commit else None

    def _anchor_of(self, snapshot: SnapshotWire) -> KeptCommit | None:
        """The commit with the snapshot's last event, if the log has it."""
        stream, version = snapshot["stream"], snapshot["version"]
        found = self._store.commits.read_streams({stream: version - 1}, budget=0)
        return next((commit for commit in found.commits if _has(commit, snapshot)), None)


def _has(commit: KeptCommit, snapshot: SnapshotWire) -> bool:
    place = snapshot["stream"], snapshot["version"]
    events = commit["events"] if commit["hash"] == snapshot["anchor"] else ()
    return any((event["stream"], event["version"]) == place for event in events)
