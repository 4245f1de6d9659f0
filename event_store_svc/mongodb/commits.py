"""The log's commits in MongoDB: one document each, since writes are atomic per document.

The insert of a document with the next position as `_id` fails if another process has taken it (optimistic concurrency).
All inputs of a plan are read after the tail; so a successful insert means that no stream has changed since.

A group of commits is an ordered insert. It can end in the middle: another process took a position, or a server or this
process died. The inserted commits remain: they are the beginning of the plan, without a gap.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from event_store_svc.domain import (
    AppendAnswer,
    AppendCall,
    AppendPlan,
    CheckpointMove,
    KnownLog,
    Link,
    Proposal,
    Tail,
    plan,
)
from event_store_svc.encoding import decode, encode
from event_store_svc.mongodb.database import Document, MongoLogDatabase
from event_store_svc.patience import Outrun
from event_store_svc.portions import MOST_EVENTS, chunks, fitting, within
from event_store_svc.store import Clock, StreamCommits
from shop.contracts.codec import dump_time
from shop.contracts.errors import CheckpointMoved, LogBeingRestored
from shop.contracts.wire import KeptCommit, KeptEvent

LINK = {"_id": True, "body": True, "hash": True}
BATCH = 100
"""Commits per response of the server, since readers may not want all."""

RESTORATION = "restoration"
"""Id of the document that marks a log from a backup."""

INDEXES = [
    IndexModel([("command_id", ASCENDING)], unique=True),
    IndexModel([("places", ASCENDING)], unique=True),
    IndexModel([("streams", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("correlation_id", ASCENDING), ("_id", ASCENDING)]),
]


class MongoCommits:
    """Implements `store.Commits`."""

    def __init__(self, database: MongoLogDatabase, log_id: str, clock: Clock) -> None:
        self._database = database
        self._commits = database.commits
        self._checkpoints = database.checkpoints
        self._empty = Tail.of_empty(log_id)
        self._clock = clock

    # Writing

    def write(self, calls: Sequence[AppendCall]) -> AppendPlan:
        """A retry finds commits of its own failed attempt by their hashes, and counts them as new."""
        tried: dict[str, Link] = {}
        return self._database.patiently(lambda: self._plan_and_write(calls, tried))

    def _plan_and_write(self, calls: Sequence[AppendCall], tried: dict[str, Link]) -> AppendPlan:
        known = self._known(calls, tried)
        planned = plan(calls, known, now=dump_time(self._clock()), encode=encode)
        earlier = [tried[kept["hash"]] for kept in known.commits.values() if kept["hash"] in tried]
        tried.update({link.commit["hash"]: link for link in planned.links})
        if planned.links:
            self.insert(planned.links)
        # Last: a checkpoint that is too low causes duplicates, one that is too high would skip events.
        late = self._move_checkpoints(known.checkpoints, planned.checkpoints)
        answers = [_late_or(answer, call.move, late) for call, answer in zip(calls, planned.answers, strict=True)]
        links = sorted((*earlier, *planned.links), key=lambda link: link.commit["position"])
        return replace(planned, answers=answers, links=links)

    def insert(self, links: Sequence[Link]) -> None:
        """Raises: Outrun (write conflict), without the driver's report, which contains commits and secrets."""
        try:
            self._commits.insert_many(map(_document, links), ordered=True)
        except BulkWriteError as error:
            faults = [*error.details["writeErrors"], *error.details["writeConcernErrors"]]
            raise Outrun(faults[0]["errmsg"]) from None

    def _known(self, calls: Sequence[AppendCall], tried: Mapping[str, Link]) -> KnownLog:
        """The tail is read first and the command ids last.

        A commit that another process records meanwhile is then found as a duplicate, instead of a version conflict.
        """
        proposals = [wish for call in calls for wish in call.proposals if isinstance(wish, Proposal)]
        tail = self.tail()
        # Last: a restore is marked before it adds its first commit.
        if self._database.log.count_documents({"_id": RESTORATION, "under_way": True}):
            raise LogBeingRestored
        checkpoints = self._checkpoints_of({call.move.name for call in calls if call.move})
        versions = self._versions(_lowest(proposals))
        commits = self._found({proposal.command_id for proposal in proposals})
        return KnownLog(tail, commits, versions, checkpoints, tried.keys())

    def tail(self) -> Tail:
        last = self._commits.find({}, {"hash": True, "at": True}).sort("_id", DESCENDING).limit(1)
        return next((Tail(found["_id"], found["hash"], found["at"]) for found in last), self._empty)

    def _versions(self, supposed: Mapping[str, int]) -> Mapping[str, int]:
        """The streams' versions. One query covers all streams with the supposed version."""
        there = self._positions_around(supposed)
        return {
            stream: version if _is_last(stream, version, there) else self._version(stream)
            for stream, version in supposed.items()
        }

    def _positions_around(self, supposed: Mapping[str, int]) -> Mapping[str, int]:
        """The positions of these versions of the streams, and of the next ones, by place."""
        wanted = [_place(stream, at) for stream, version in supposed.items() for at in (version, version + 1) if at]
        found: dict[str, int] = {}
        for places in chunks(wanted):
            for document in self._commits.find({"places": {"$in": places}}, {"places": True}):
                found.update(dict.fromkeys(document["places"], document["_id"]))
        return found

    def _version(self, stream: str) -> int:
        last = self._commits.find({"streams": stream}, {"places": True}).sort("_id", DESCENDING).limit(1)
        return max((_versions_in(document).get(stream, 0) for document in last), default=0)

    def _checkpoints_of(self, names: Iterable[str]) -> Mapping[str, int]:
        if not names:
            return {}
        found = self._checkpoints.find({"_id": {"$in": list(names)}})
        return {document["_id"]: document["position"] for document in found}

    def _move_checkpoints(self, known: Mapping[str, int], moved: Mapping[str, int]) -> Mapping[str, int]:
        """Checkpoints that another process has moved since they were read, with their present positions."""
        late = [name for name, to in moved.items() if not self._move_checkpoint(name, known.get(name), to)]
        return self._checkpoints_of(late)

    def _move_checkpoint(self, name: str, known: int | None, to: int) -> bool:
        if known is not None:
            moved = self._checkpoints.update_one({"_id": name, "position": known}, {"$set": {"position": to}})
            return moved.matched_count == 1
        try:
            self._checkpoints.insert_one({"_id": name, "position": to})
        except DuplicateKeyError:
            return False
        return True

    # Reading

    def head(self) -> int:
        return self._database.patiently(self.tail).position

    def read(self, after: int, *, limit: int, budget: int) -> Sequence[Link]:
        def work() -> Sequence[Link]:
            wanted = self._commits.find({"_id": {"$gt": after}}, LINK).sort("_id", ASCENDING).limit(limit)
            with wanted.batch_size(BATCH) as found:
                return list(within(budget, map(_link, found)))

        return self._database.patiently(work)

    def find(self, command_ids: Iterable[str]) -> Mapping[str, KeptCommit]:
        return self._database.patiently(lambda: self._found(command_ids))

    def _found(self, command_ids: Iterable[str]) -> Mapping[str, KeptCommit]:
        documents = (self._commits.find({"command_id": {"$in": ids}}, LINK) for ids in chunks(command_ids))
        commits = (_link(document).commit for found in documents for document in found)
        return {commit["command_id"]: commit for commit in commits}

    def read_streams(self, wanted: Mapping[str, int], *, budget: int) -> StreamCommits:
        def work() -> StreamCommits:
            there = self._positions_around(wanted)
            behind = {stream: after for stream, after in wanted.items() if not _is_last(stream, after, there)}
            begun = {stream: there.get(_place(stream, after)) for stream, after in behind.items() if after}
            news = self._news({stream: begun.get(stream, 0) for stream in behind})
            versions = dict(wanted) | {stream: self._version(stream) for stream in behind}
            return StreamCommits(versions, [link.commit for link in within(budget, self._at(news))])

        return self._database.patiently(work)

    def _news(self, after: Mapping[str, int | None]) -> Sequence[int]:
        """The first positions with events of each stream after a position; a stream without a position is skipped."""
        alike: dict[int, list[str]] = {}
        for stream, position in after.items():
            if position is not None:
                alike.setdefault(position, []).append(stream)
        if not alike:
            return []
        wanted = [{"streams": {"$in": streams}, "_id": {"$gt": position}} for position, streams in alike.items()]
        found = self._commits.find({"$or": wanted}, {"_id": True}).sort("_id", ASCENDING).limit(MOST_EVENTS)
        return [document["_id"] for document in found]

    def _at(self, positions: Iterable[int]) -> Iterator[Link]:
        for some in chunks(positions, BATCH):
            yield from map(_link, self._commits.find({"_id": {"$in": some}}, LINK).sort("_id", ASCENDING))

    def read_correlations(
        self, correlation_ids: Sequence[str], after: int, *, budget: int
    ) -> Mapping[str, Sequence[KeptCommit]]:
        def work() -> Mapping[str, Sequence[KeptCommit]]:
            sizes = self._sizes(correlation_ids, after)
            found: dict[str, list[KeptCommit]] = {name: [] for name in fitting(budget, correlation_ids, sizes)}
            for ids in chunks(found):
                wanted = self._commits.find({"correlation_id": {"$in": ids}, "_id": {"$gt": after}}, LINK)
                for document in wanted.sort("_id", ASCENDING):
                    commit = _link(document).commit
                    found[commit["meta"]["correlation_id"]].append(commit)
            return found

        return self._database.patiently(work)

    def _sizes(self, correlation_ids: Sequence[str], after: int) -> Mapping[str, int]:
        sizes: dict[str, int] = {}
        for ids in chunks(correlation_ids):
            wanted = {"$match": {"correlation_id": {"$in": ids}, "_id": {"$gt": after}}}
            size = {"$group": {"_id": "$correlation_id", "size": {"$sum": {"$binarySize": "$body"}}}}
            sizes.update((found["_id"], found["size"]) for found in self._commits.aggregate([wanted, size]))
        return sizes

    def last_event(self, stream: str) -> KeptEvent | None:
        def work() -> Document | None:
            return self._commits.find_one({"streams": stream}, LINK, sort=[("_id", DESCENDING)])

        document = self._database.patiently(work)
        if document is None:
            return None
        kept = _link(document).commit["events"]
        return [event for event in kept if event["stream"] == stream][-1]


def _document(link: Link) -> Document:
    """The commit is stored in `body` alone; the other fields serve queries."""
    commit, events = link.commit, link.commit["events"]
    return {
        "_id": commit["position"],
        "command_id": commit["command_id"],
        "correlation_id": commit["meta"]["correlation_id"],
        "at": commit["meta"]["at"],
        "streams": sorted({event["stream"] for event in events}),
        "places": [_place(event["stream"], event["version"]) for event in events],
        "hash": commit["hash"],
        "body": link.body,
    }


def _link(document: Document) -> Link:
    return decode(document["body"], document["hash"])


def _place(stream: str, version: int) -> str:
    return f"{stream}@{version}"


def _versions_in(document: Document) -> Mapping[str, int]:
    """Versions of the commit's streams after it."""
    places = (place.rpartition("@") for place in document["places"])
    return {stream: int(version) for stream, _, version in places}


def _is_last(stream: str, version: int, there: Mapping[str, int]) -> bool:
    """Whether this is the stream's version, given the existing positions around it."""
    return (version == 0 or _place(stream, version) in there) and _place(stream, version + 1) not in there


def _lowest(proposals: Iterable[Proposal]) -> Mapping[str, int]:
    """The lowest expected version of each stream: later commits of a group expect the effects of earlier ones."""
    lowest: dict[str, int] = {}
    for proposal in proposals:
        for stream, version in proposal.expects.items():
            lowest[stream] = min(version, lowest.get(stream, version))
    return lowest


def _late_or(
    answer: AppendAnswer | CheckpointMoved, move: CheckpointMove | None, late: Mapping[str, int]
) -> AppendAnswer | CheckpointMoved:
    """The call's result; CheckpointMoved if another process moved its checkpoint after its commits were recorded."""
    if move is None or move.name not in late or isinstance(answer, CheckpointMoved) or not answer.checkpoint_moved:
        return answer
    return CheckpointMoved(move.name, move.old, late[move.name])
