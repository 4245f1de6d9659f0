"""The RPC of the event store. What the calls mean: `docs/architecture.md`; what they raise: `event_store_svc.log`."""

from collections.abc import Mapping, Sequence
from typing import Any

from event_store_svc.auditing import ChainAudits
from event_store_svc.dependencies import LogStore
from event_store_svc.log import MOST_VERIFIED, Log
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
from shop.messaging.call_routing import Asked
from shop.messaging.rpc import rpc
from shop.service.identity import CallingActor


class EventStoreService(liveness.Alive):
    """The log, and what those who follow it leave with it."""

    name = str(Service.EVENT_STORE)
    asked = Asked.OLDEST
    """Two that write have half of what waits each: twice as many groups, with a sync and a message each."""

    log: Log = LogStore()
    caller: Actor = CallingActor()
    audits: BackgroundAudit = ChainAudits()

    @rpc
    def append(self, commit: ProposedCommit) -> Appended:
        """Record a commit, or give back what its command id has recorded before."""
        return self.log.append(commit)

    @rpc
    def append_many(self, commits: Sequence[ProposedCommit], checkpoint: Sequence[Any] | None = None) -> AppendedMany:
        """Record each of the commits or say why not. If all are recorded, move the checkpoint `[name, old, new]`."""
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
        """Keep states of streams, for those who would have to fold many events."""
        self.log.keep_snapshots(snapshots)

    @rpc
    def list_snapshots(self, after: tuple[str, int] = ("", 0)) -> SnapshotPage:
        """The snapshots after a stream and version, for an audit."""
        return self.log.list_snapshots(after)

    @rpc
    def read_all(self, after: int, limit: int = 1000) -> LogPage:
        """The log after a position."""
        return self.log.read_all(after, limit)

    @rpc
    def read_correlations(self, ids: Sequence[str], after: int = 0) -> Correlations:
        """Everything that happened for these correlation ids."""
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
        """The log's id and last position, and why it takes no commits, where it does not."""
        return self.log.health()

    @rpc
    def read_credentials(self, username: str) -> Wire | None:
        """The user's last PasswordSet; for the customers service only."""
        return self.log.read_credentials(username)

    @rpc
    def verify(self, after: int = 0, limit: int = MOST_VERIFIED) -> Verdict:
        """Check that nobody has changed the log after a position; `position` is how far it is right."""
        return self.log.verify(after, max(1, min(limit, MOST_VERIFIED)))

    @rpc
    def audit(self, at_least: int = 0, max_age: float = 60.0) -> AuditAnswer:
        """What came of checking the whole log, in the background; see `shop/audit/auditing.py`."""
        return self.audits.ask(at_least, max_age)

    @rpc
    def clock(self) -> ClockReading:
        """This machine's time and the log's last one; `refusal` says why nothing can be recorded, where that is so."""
        return self.log.clock.read()

    @rpc
    def repair_clock(self) -> Appended | None:
        """The clock is right: date commits by it again. Operators only."""
        require_operator(self.caller)
        return self.log.clock.repair()

    @rpc
    def kept(self) -> Kept:
        """The log's id and end, checkpoints and dead letters, for a backup. Operators only."""
        require_operator(self.caller)
        return self.log.kept()

    @rpc
    def copy(self, after: int) -> CopiedCommits:
        """The log after a position with its secrets, for a backup. Operators only."""
        require_operator(self.caller)
        return self.log.copy(after)

    @rpc
    def restore(self, log_id: str, commits: Sequence[Mapping[str, str]]) -> None:
        """Add the next commits of a backup to an empty log, which becomes the one that was copied. Operators only."""
        require_operator(self.caller)
        self.log.restore(log_id, commits)

    @rpc
    def end_restore(self, checkpoints: dict[str, int], dead_letters: Sequence[KeptLetter]) -> None:
        """All commits are there: keep these, and take new commits again. Operators only."""
        require_operator(self.caller)
        self.log.end_restore(checkpoints, dead_letters)

    @rpc
    def checkpoint(self, name: str) -> CheckpointWire:
        """How far a subscription has come."""
        return self.log.checkpoint(name)

    @rpc
    def lease(self, name: str, holder: str, seconds: float) -> LeaseWire:
        """Be the one that works on a subscription for some seconds, unless another one does."""
        return self.log.lease(name, holder, seconds)

    @rpc
    def release_lease(self, name: str, holder: str) -> None:
        """Let another one work on the subscription at once."""
        self.log.release_lease(name, holder)

    @rpc
    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        """Keep events that a subscription could not handle."""
        self.log.set_aside(subscription, letters)

    @rpc
    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]:
        """Events that were set aside."""
        return self.log.dead_letters(subscription)

    @rpc
    def retry_dead_letter(self, id: int | str) -> None:
        """Have a dead letter and all others of its correlation id tried again."""
        self.log.retry_dead_letter(id)

    @rpc
    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        """Drop dead letters that are handled."""
        self.log.settle(subscription, correlation_id, position)
