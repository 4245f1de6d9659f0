"""The RPC methods of the event store. Semantics: `docs/architecture.md`; errors: `event_store_svc.log`."""

from collections.abc import Mapping, Sequence
from typing import Any

from event_store_svc.auditing import ChainAudits
from event_store_svc.dependencies import LogStore
from event_store_svc.log import MOST_VERIFIED, StoredLog
from shop.audit.background import BackgroundAudit
from shop.contracts.actors import Actor, require_operator
from shop.contracts.names import Service
from shop.contracts.views import AuditAnswer
from shop.contracts.wire import (
    Appended,
    AppendedMany,
    CheckpointWire,
    ClockReading,
    CopiedCommits,
    Correlations,
    DatedSnapshot,
    Kept,
    KeptCommit,
    KeptLetter,
    LeaseWire,
    Letter,
    LogEnd,
    LogHealth,
    LogPage,
    ProposedCommit,
    SnapshotPage,
    SnapshotWire,
    StreamParts,
    Verdict,
    Wire,
)
from shop.messaging import liveness
from shop.messaging.call_routing import CallRouting
from shop.messaging.rpc import rpc
from shop.service.identity import CallingActor


class EventStoreService(liveness.Alive):
    """The event log, and the state of its subscriptions."""

    name = str(Service.EVENT_STORE)
    asked = CallRouting.OLDEST
    """Two writers would share the load: twice as many groups, with a sync and a message each."""

    log: StoredLog = LogStore()
    caller: Actor = CallingActor()
    audits: BackgroundAudit = ChainAudits()

    @rpc
    def append(self, commit: ProposedCommit) -> Appended:
        """Record a commit, or return the one that its command id has recorded earlier."""
        return self.log.append(commit)

    @rpc
    def append_many(self, commits: Sequence[ProposedCommit], checkpoint: Sequence[Any] | None = None) -> AppendedMany:
        """An outcome for each commit: recorded, or an error.

        If all are recorded, the checkpoint moves: `[name, old, new]`.
        """
        return self.log.append_many(commits, checkpoint)

    @rpc
    def read_streams(self, wanted: Sequence[tuple[str, int]]) -> StreamParts:
        """The events that follow these versions of these streams: `[[stream, after], …]`."""
        return self.log.read_streams(wanted)

    @rpc
    def read_snapshots(self, wanted: Sequence[tuple[str, str, int]]) -> dict[str, DatedSnapshot | None]:
        """The latest snapshots of streams, by their form, up to a version: `[[stream, form, at_most], …]`."""
        return self.log.read_snapshots(wanted)

    @rpc
    def keep_snapshots(self, snapshots: Sequence[SnapshotWire]) -> None:
        """Store snapshots of streams, to save others from folding many events."""
        self.log.keep_snapshots(snapshots)

    @rpc
    def list_snapshots(self, after: tuple[str, int] = ("", 0)) -> SnapshotPage:
        """Snapshots after a stream and version, for an audit."""
        return self.log.list_snapshots(after)

    @rpc
    def read_all(self, after: int, limit: int = 1000) -> LogPage:
        """The log after a position."""
        return self.log.read_all(after, limit)

    @rpc
    def read_correlations(self, ids: Sequence[str], after: int = 0) -> Correlations:
        """All commits of these correlation ids."""
        return self.log.read_correlations(ids, after)

    @rpc
    def find(self, command_ids: Sequence[str]) -> dict[str, KeptCommit | None]:
        """The commits with these command ids."""
        return self.log.find(command_ids)

    @rpc
    def head(self) -> LogEnd:
        """The log's id and last position."""
        return self.log.head()

    @rpc(quiet=True)
    def health(self) -> LogHealth:
        """The log's id and last position, and why it refuses commits, if it does."""
        return self.log.health()

    @rpc
    def read_credentials(self, username: str) -> Wire | None:
        """The user's last PasswordSet, for the customers service only."""
        return self.log.read_credentials(username)

    @rpc
    def verify(self, after: int = 0, limit: int = MOST_VERIFIED) -> Verdict:
        """Check the hash chain after a position; `position` is the last valid commit."""
        return self.log.verify(after, max(1, min(limit, MOST_VERIFIED)))

    @rpc
    def audit(self, at_least: int = 0, max_age: float = 60.0) -> AuditAnswer:
        """Result of the background check of the whole hash chain; see `shop/audit/auditing.py`."""
        return self.audits.ask(at_least, max_age)

    @rpc
    def clock(self) -> ClockReading:
        """This machine's time and the log's last one; `refusal` says why the log refuses appends, if it does."""
        return self.log.clock.read()

    @rpc
    def repair_clock(self) -> Appended | None:
        """Confirm the clock: date commits by it again. Operators only."""
        require_operator(self.caller)
        return self.log.clock.repair()

    @rpc
    def kept(self) -> Kept:
        """The log's id and head, checkpoints and dead letters, for a backup. Operators only."""
        require_operator(self.caller)
        return self.log.kept()

    @rpc
    def copy(self, after: int) -> CopiedCommits:
        """The log after a position, secrets included, for a backup. Operators only."""
        require_operator(self.caller)
        return self.log.copy(after)

    @rpc
    def restore(self, log_id: str, commits: Sequence[Mapping[str, str]]) -> None:
        """Add the next commits of a backup to an empty log, which takes the original's id. Operators only."""
        require_operator(self.caller)
        self.log.restore(log_id, commits)

    @rpc
    def end_restore(self, checkpoints: dict[str, int], dead_letters: Sequence[KeptLetter]) -> None:
        """Finish a restore: set checkpoints and dead letters, and accept commits again. Operators only."""
        require_operator(self.caller)
        self.log.end_restore(checkpoints, dead_letters)

    @rpc
    def checkpoint(self, name: str) -> CheckpointWire:
        """A subscription's checkpoint."""
        return self.log.checkpoint(name)

    @rpc
    def lease(self, name: str, holder: str, seconds: float) -> LeaseWire:
        """Acquire or renew the lease of a subscription for some seconds, unless another holder has it."""
        return self.log.lease(name, holder, seconds)

    @rpc
    def release_lease(self, name: str, holder: str) -> None:
        """Release the lease, so that a standby takes over at once."""
        self.log.release_lease(name, holder)

    @rpc
    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        """Store dead letters."""
        self.log.set_aside(subscription, letters)

    @rpc
    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]:
        """Dead letters, of one subscription or all."""
        return self.log.dead_letters(subscription)

    @rpc
    def retry_dead_letter(self, id: int | str) -> None:
        """Request a retry of a dead letter and all others of its correlation id."""
        self.log.retry_dead_letter(id)

    @rpc
    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        """Delete dead letters that are handled."""
        self.log.settle(subscription, correlation_id, position)
