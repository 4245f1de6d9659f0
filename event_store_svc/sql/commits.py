"""The log's commits in SQL.

The insert of the next position fails if another process has taken it: the unique key gives optimistic concurrency. All
inputs of a plan are read after the tail, in the same transaction; so a successful insert means that no stream has
changed since.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, insert, select, update

from event_store_svc.domain import AppendCall, AppendPlan, KnownLog, Link, Proposal, Tail, plan
from event_store_svc.encoding import decode, encode
from event_store_svc.patience import Outrun
from event_store_svc.portions import MOST_EVENTS, chunks, fitting, within
from event_store_svc.sql.database import SqlLogDatabase
from event_store_svc.sql.tables import checkpoints, command_key, commits, events, restoration
from event_store_svc.store import Clock, StreamCommits
from shop.contracts.codec import dump_time
from shop.contracts.errors import LogBeingRestored
from shop.contracts.wire import KeptCommit, KeptEvent
from shop.database import sqlite_fast_path

# Statements are built once: building one takes several times as long as running it.
AFTER: BindParameter[int] = bindparam("after")
MOST: BindParameter[int] = bindparam("most")
LINK = select(commits.c.position, commits.c.body, commits.c.hash)
LAST = (
    select(
        *(commits.c.position, commits.c.hash, commits.c.at),
        select(restoration.c.under_way).scalar_subquery().label("being_restored"),
    )
    .order_by(commits.c.position.desc())
    .limit(1)
)
SOME: BindParameter[Any] = bindparam("some", expanding=True)
HEAD = select(func.max(commits.c.position))
PAGE = LINK.where(commits.c.position > AFTER).order_by(commits.c.position).limit(MOST)
BY_CORRELATION = LINK.where(commits.c.correlation_id.in_(SOME), commits.c.position > AFTER).order_by(commits.c.position)
SIZES = (
    select(commits.c.correlation_id, func.sum(func.length(commits.c.body)).label("size"))
    .where(commits.c.correlation_id.in_(SOME), commits.c.position > AFTER)
    .group_by(commits.c.correlation_id)
)
BY_STREAM = (
    LINK.join_from(events, commits, events.c.position == commits.c.position)
    .where(events.c.stream.in_(SOME), events.c.version > AFTER)
    .order_by(events.c.stream, events.c.version)
    .limit(MOST)
)
BY_COMMAND = LINK.where(commits.c.command_key.in_(SOME))
# Index lookups of each stream's first and last event; GROUP BY would read all events in between.
LATER = events.alias("later")
LAST_VERSION = select(func.max(LATER.c.version)).where(LATER.c.stream == events.c.stream).scalar_subquery()
VERSIONS = select(events.c.stream, LAST_VERSION.label("version")).where(
    events.c.stream.in_(SOME), events.c.version == 1
)
CHECKPOINTS = select(checkpoints.c.name, checkpoints.c.position).where(checkpoints.c.name.in_(SOME))
ADD_COMMIT, ADD_EVENT, ADD_CHECKPOINT = map(insert, (commits, events, checkpoints))
MOVE_CHECKPOINT = (
    update(checkpoints)
    .where(checkpoints.c.name == bindparam("of"), checkpoints.c.position == bindparam("at"))
    .values(position=bindparam("to"))
)


class SqlCommits:
    """Implements `store.Commits`."""

    def __init__(self, database: SqlLogDatabase, log_id: str, clock: Clock) -> None:
        self._database = database
        self._log_id = log_id
        self._clock = clock

    # Writing

    def write(self, calls: Sequence[AppendCall]) -> AppendPlan:
        return self._database.write(lambda connection: self._plan_and_write(connection, calls))

    def _plan_and_write(self, connection: Connection, calls: Sequence[AppendCall]) -> AppendPlan:
        known = self._known(connection, calls)
        planned = plan(calls, known, now=dump_time(self._clock()), encode=encode)
        if planned.links:
            write_links(connection, planned.links)
        _move_checkpoints(connection, known.checkpoints, planned.checkpoints)
        return planned

    def _known(self, connection: Connection, calls: Sequence[AppendCall]) -> KnownLog:
        """The tail is read first and the command ids last.

        A commit that another process records meanwhile is then found as a duplicate, instead of a version conflict.
        """
        proposals = [wish for call in calls for wish in call.proposals if isinstance(wish, Proposal)]
        tail = tail_of(connection, self._log_id, writing=True)
        positions = _numbers(connection, CHECKPOINTS, {call.move.name for call in calls if call.move})
        versions = _versions(connection, {stream for proposal in proposals for stream in proposal.expects})
        found = _found(connection, {proposal.command_id for proposal in proposals})
        return KnownLog(tail, found, versions, positions)

    # Reading

    def head(self) -> int:
        return self._database.read(lambda connection: connection.scalar(HEAD) or 0)

    def read(self, after: int, *, limit: int, budget: int) -> Sequence[Link]:
        wanted = {"after": after, "most": limit}
        return self._database.read(lambda connection: list(within(budget, _stream(connection, PAGE, wanted))))

    def find(self, command_ids: Iterable[str]) -> Mapping[str, KeptCommit]:
        return self._database.read(lambda connection: _found(connection, command_ids))

    def read_streams(self, wanted: Mapping[str, int], *, budget: int) -> StreamCommits:
        def work(connection: Connection) -> StreamCommits:
            versions = _versions(connection, wanted)
            news = {stream: after for stream, after in wanted.items() if versions.get(stream, 0) > after}
            found = sorted(within(budget, _links_of(connection, news)), key=lambda link: link.commit["position"])
            return StreamCommits(versions, [link.commit for link in found])

        return self._database.read(work)

    def read_correlations(
        self, correlation_ids: Sequence[str], after: int, *, budget: int
    ) -> Mapping[str, Sequence[KeptCommit]]:
        def work(connection: Connection) -> Mapping[str, Sequence[KeptCommit]]:
            answered = _fitting(connection, correlation_ids, after, budget)
            found: dict[str, list[KeptCommit]] = {correlation_id: [] for correlation_id in answered}
            for ids in chunks(found):
                for row in sqlite_fast_path.rows(connection, BY_CORRELATION, {"some": ids, "after": after}):
                    commit = decode(row.body, row.hash).commit
                    found[commit["meta"]["correlation_id"]].append(commit)
            return found

        return self._database.read(work)

    def last_event(self, stream: str) -> KeptEvent | None:
        last = LINK.join(events, events.c.position == commits.c.position).where(events.c.stream == stream)
        newest = last.order_by(events.c.version.desc()).limit(1)
        row = self._database.read(lambda connection: connection.execute(newest).one_or_none())
        if row is None:
            return None
        kept = decode(row.body, row.hash).commit["events"]
        return [event for event in kept if event["stream"] == stream][-1]


def tail_of(connection: Connection, log_id: str, *, writing: bool = False) -> Tail:
    """The log's last commit. Raises: LogBeingRestored, with `writing`."""
    row = next(sqlite_fast_path.rows(connection, LAST, {}), None)
    if row and row.being_restored and writing:
        raise LogBeingRestored
    return Tail(row.position, row.hash, row.at) if row else Tail.of_empty(log_id)


def write_links(connection: Connection, links: Sequence[Link]) -> None:
    """Commits first: the unique key of their positions detects write conflicts."""
    rows = [
        {
            "position": link.commit["position"],
            "command_key": command_key(link.commit["command_id"]),
            "correlation_id": link.commit["meta"]["correlation_id"],
            "at": link.commit["meta"]["at"],
            "hash": link.commit["hash"],
            "body": link.body,
        }
        for link in links
    ]
    sqlite_fast_path.write(connection, ADD_COMMIT, rows)
    kept = [(link.commit["position"], event) for link in links for event in link.commit["events"]]
    places = [{"stream": event["stream"], "version": event["version"], "position": at} for at, event in kept]
    sqlite_fast_path.write(connection, ADD_EVENT, places)


def _move_checkpoints(connection: Connection, known: Mapping[str, int], moved: Mapping[str, int]) -> None:
    """In sorted order, so that two processes cannot deadlock.

    Raises:
        Outrun: another process has moved one since it was read. Calls without commits have no position to detect that.
    """
    for name in sorted(moved):
        if name not in known:
            sqlite_fast_path.write(connection, ADD_CHECKPOINT, [{"name": name, "position": moved[name]}])
            continue
        move = {"of": name, "at": known[name], "to": moved[name]}
        if sqlite_fast_path.write(connection, MOVE_CHECKPOINT, [move]) != 1:
            raise Outrun


def _found(connection: Connection, command_ids: Iterable[str]) -> dict[str, KeptCommit]:
    found = {}
    for keys in chunks(map(command_key, command_ids)):
        for row in sqlite_fast_path.rows(connection, BY_COMMAND, {"some": keys}):
            commit = decode(row.body, row.hash).commit
            found[commit["command_id"]] = commit
    return found


def _versions(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    return _numbers(connection, VERSIONS, names)


def _numbers(connection: Connection, query: Select[str, int], names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(names):
        found.update((row[0], row[1]) for row in sqlite_fast_path.rows(connection, query, {"some": some}))
    return found


def _links_of(connection: Connection, wanted: Mapping[str, int]) -> Iterator[Link]:
    """The commits with the first events after these versions; one query for all streams of equal version."""
    alike: dict[int, list[str]] = {}
    for stream, after in wanted.items():
        alike.setdefault(after, []).append(stream)
    found: set[int] = set()
    for after, names in alike.items():
        for some in chunks(names):
            if len(found) >= MOST_EVENTS:
                return
            for link in _stream(connection, BY_STREAM, {"some": some, "after": after, "most": MOST_EVENTS}):
                position = link.commit["position"]
                if position not in found:
                    found.add(position)
                    yield link


def _fitting(connection: Connection, correlation_ids: Sequence[str], after: int, budget: int) -> list[str]:
    """The first of these correlation ids whose commits fit into one answer; at least one."""
    sizes: dict[str, int] = {}
    for ids in chunks(correlation_ids):
        sizes.update(
            (row[0], row[1]) for row in sqlite_fast_path.rows(connection, SIZES, {"some": ids, "after": after})
        )
    return fitting(budget, correlation_ids, sizes)


def _stream(connection: Connection, query: Select[Any], wanted: Mapping[str, Any]) -> Iterator[Link]:
    """Rows on demand: a thousand commits can be large."""
    for row in sqlite_fast_path.rows(connection.execution_options(stream_results=True), query, wanted):
        yield decode(row.body, row.hash)
