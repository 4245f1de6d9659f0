"""The log's API for callers: JSON in, JSON out. `read_credentials` alone returns secrets."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import eventlet

from event_store_svc.commits import MAX_ANSWER, blanked, seen
from event_store_svc.domain import AppendCall, Link, Recorded, Tail, fault_of
from event_store_svc.encoding import dump_link, load_links
from event_store_svc.log_clock import LogClock
from event_store_svc.restoring import id_in
from event_store_svc.schemas import load_letters, load_move, load_proposal, load_wish
from event_store_svc.snapshots import Snapshots
from event_store_svc.store import Clock, LogStorage, StreamCommits, utc_now
from event_store_svc.writer import Writer
from shop.contracts.errors import ShopError, UnknownDeadLetter
from shop.contracts.names import credential_stream
from shop.contracts.wire import (
    Appended,
    AppendedMany,
    CheckpointWire,
    CopiedCommits,
    Correlations,
    Kept,
    KeptCommit,
    KeptLetter,
    LeaseWire,
    Letter,
    LogEnd,
    LogHealth,
    LogPage,
    NotAppended,
    ProposedCommit,
    SeenEvent,
    StreamPart,
    StreamParts,
    Verdict,
    Wire,
)
from shop.service.trials import WriteProbe

MOST_COMMITS = 1000
"""Commits in one answer."""

NUMBER = re.compile("[0-9]{1,15}")

MOST_VERIFIED = 20_000
"""Commits in one call: some hundred milliseconds on an idle machine."""
SECONDS_TO_VERIFY = 2.0
"""Time limit of one call, which checks one commit at least."""

VERIFIED_AT_ONCE = 64 * 1024
"""Bytes of commits to check before other greenlets run."""


class StoredLog(Snapshots):
    """The methods of the service, for any store.

    Args:
        store: an open one.
        writer: a running writer of this store.
        now: the clock by which the store dates commits.

    Attributes:
        clock: compares that clock with the log's times.
    """

    def __init__(self, store: LogStorage, writer: Writer, now: Clock = utc_now) -> None:
        super().__init__(store)
        self._writer = writer
        self.clock = LogClock(store, self.append, now)
        self._trial = WriteProbe(store.try_to_write)

    # Writing

    def append(self, commit: ProposedCommit) -> Appended:
        """Raises: WrongExpectedVersion, CommandReused, CommitTooLarge, InvalidCommit, ServiceUnavailable."""
        (outcome,) = self._writer.submit(AppendCall([load_proposal(commit)])).outcomes
        if isinstance(outcome, ShopError):
            raise outcome
        return _appended(outcome)

    def append_many(self, commits: Sequence[ProposedCommit], checkpoint: Sequence[Any] | None = None) -> AppendedMany:
        """Raises: CheckpointMoved, InvalidRequest, ServiceUnavailable."""
        move = load_move(checkpoint) if checkpoint is not None else None
        answer = self._writer.submit(AppendCall([load_wish(commit) for commit in commits], move))
        return {
            "outcomes": [_dump_outcome(outcome) for outcome in answer.outcomes],
            "checkpoint_moved": answer.checkpoint_moved,
        }

    # Reading

    def head(self) -> LogEnd:
        return {"log": self._store.look(), "head": self._store.commits.head()}

    def read_all(self, after: int, limit: int = MOST_COMMITS) -> LogPage:
        links = self._store.commits.read(after, limit=max(1, min(limit, MOST_COMMITS)), budget=MAX_ANSWER)
        last = links[-1].commit["position"] if links else after
        head = max(self._store.commits.head(), last)
        return {
            "log": self._store.log_id,
            "head": head,
            "commits": [blanked(link.commit) for link in links],
            "next": last if links and last < head else None,
        }

    def read_streams(self, wanted: Iterable[tuple[str, int]]) -> StreamParts:
        versions = dict(wanted)
        found = self._store.commits.read_streams(versions, budget=MAX_ANSWER)
        return {"streams": _parts(versions, found)}

    def read_correlations(self, ids: Sequence[str], after: int = 0) -> Correlations:
        found = self._store.commits.read_correlations(list(dict.fromkeys(ids)), after, budget=MAX_ANSWER)
        return {
            "correlations": {
                correlation_id: [seen(event, commit) for commit in commits for event in commit["events"]]
                for correlation_id, commits in found.items()
            },
            "next": [correlation_id for correlation_id in dict.fromkeys(ids) if correlation_id not in found],
        }

    def find(self, command_ids: Sequence[str]) -> dict[str, KeptCommit | None]:
        found = self._store.commits.find(command_ids)
        return {known: blanked(found[known]) if known in found else None for known in command_ids}

    def read_credentials(self, username: str) -> Wire | None:
        last = self._store.commits.last_event(credential_stream(username))
        return last["data"] if last else None

    def verify(self, after: int = 0, limit: int = MOST_VERIFIED) -> Verdict:
        """Check the hash chain after a position, for so many commits; `position` is the cursor.

        After SECONDS_TO_VERIFY it returns the result so far.
        """
        until = time.monotonic() + SECONDS_TO_VERIFY
        tail = self._tail_at(after)
        if tail is None:
            return _verdict(after, f"position {after} is missing")
        try:
            for link in islice(self._links_after(after), limit):
                if fault := fault_of(link, tail):
                    return _verdict(tail.position, fault)
                tail = link.tail
                if time.monotonic() > until:
                    break
        except (TypeError, ValueError) as error:
            return _verdict(tail.position, f"a commit after {tail.position} cannot be read: {error}")
        return _verdict(tail.position)

    def _links_after(self, position: int) -> Iterator[Link]:
        """All commits after the position. Yields to other greenlets."""
        while links := self._store.commits.read(position, limit=MOST_COMMITS, budget=VERIFIED_AT_ONCE):
            yield from links
            position = links[-1].tail.position
            eventlet.sleep(0)

    def _tail_at(self, position: int) -> Tail | None:
        """None if there is no such commit."""
        if position == 0:
            return Tail.of_empty(id_in(self._store.log_id))
        links = self._store.commits.read(position - 1, limit=1, budget=0)
        return links[0].tail if links and links[0].tail.position == position else None

    # Health

    def health(self) -> LogHealth:
        """`{log, head, refusal}`: `refusal` says why the log refuses appends; null if it accepts them."""
        return {**self.head(), "refusal": self.clock.read()["refusal"] or self._trial.refusal()}

    # Backup

    def copy(self, after: int) -> CopiedCommits:
        """The log after a position, secrets included: for backups only."""
        links = self._store.commits.read(after, limit=MOST_COMMITS, budget=MAX_ANSWER)
        return {"commits": [dump_link(link) for link in links]}

    def kept(self) -> Kept:
        """The contents of a backup beside the commits.

        The head is read last, so the commits up to it include everything that subscriptions have handled.
        """
        checkpoints = dict(self._store.subscriptions.checkpoints())
        letters = list(self._store.subscriptions.dead_letters())
        head = self.head()
        return {"log": id_in(head["log"]), "head": head["head"], "checkpoints": checkpoints, "dead_letters": letters}

    def restore(self, log_id: str, commits: Sequence[Mapping[str, str]]) -> None:
        """Raises: LogNotEmpty, InvalidRequest, ServiceUnavailable."""
        self._store.restore(log_id, load_links(commits))

    def end_restore(self, checkpoints: dict[str, int], letters: Sequence[KeptLetter]) -> None:
        self._store.end_restore(checkpoints, letters)

    # For subscriptions

    def checkpoint(self, name: str) -> CheckpointWire:
        return {"log": self._store.log_id, "position": self._store.subscriptions.checkpoint(name)}

    def lease(self, name: str, holder: str, seconds: float) -> LeaseWire:
        holding = self._store.subscriptions.take_lease(name, holder, seconds)
        retrying = self._store.subscriptions.retrying(name)
        return {"held": holding == holder, "holder": holding, "retrying": retrying, **self.head()}

    def release_lease(self, name: str, holder: str) -> None:
        self._store.subscriptions.release_lease(name, holder)

    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        """Raises: InvalidRequest."""
        self._store.subscriptions.set_aside(subscription, load_letters(letters))

    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]:
        return self._store.subscriptions.dead_letters(subscription)

    def retry_dead_letter(self, letter_id: int | str) -> None:
        """The id is a number, or its text. Raises: UnknownDeadLetter."""
        if not NUMBER.fullmatch(str(letter_id)):
            raise UnknownDeadLetter(letter_id)
        self._store.subscriptions.retry(int(letter_id))

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        self._store.subscriptions.settle(subscription, correlation_id, position)


def _dump_outcome(outcome: Recorded | ShopError) -> Appended | NotAppended:
    if isinstance(outcome, ShopError):
        return {"error": {"type": type(outcome).__name__, "args": list(outcome.args)}}
    return _appended(outcome)


def _appended(outcome: Recorded) -> Appended:
    return {"commit": blanked(outcome.commit), "duplicate": outcome.duplicate}


def _verdict(position: int, fault: str | None = None) -> Verdict:
    """`position`: the last valid commit."""
    return {"ok": fault is None, "position": position, "detail": fault or "every commit follows the one before"}


def _parts(wanted: Mapping[str, int], found: StreamCommits) -> dict[str, StreamPart]:
    """Each stream's version, next events, and cursor.

    A commit may be included for another stream. So of each stream, only events without a gap are returned.
    """
    events: dict[str, list[SeenEvent]] = {stream: [] for stream in wanted}
    reached = dict(wanted)
    anchors: dict[str, str] = {}
    for commit in found.commits:
        for event in commit["events"]:
            stream = event["stream"]
            if event["version"] == reached.get(stream, -1) + 1:
                events[stream].append(seen(event, commit))
                reached[stream] += 1
                anchors[stream] = commit["hash"]
    return {
        stream: _part(found.versions.get(stream, 0), events[stream], reached[stream], anchors.get(stream, ""))
        for stream in wanted
    }


def _part(version: int, events: Sequence[SeenEvent], reached: int, anchor: str) -> StreamPart:
    """Events may be newer than the version, which was read first. `anchor`: see `store.Snapshot`."""
    newest = max(version, reached) if events else version
    return {"version": newest, "events": events, "next": reached if reached < newest else None, "anchor": anchor}
