"""Snapshots: states of long streams, stored beside the log, to avoid folding all of their events.

They are a cache that cannot be stale: a snapshot is valid only for the exact source code of its rules, and only if the
log has the commit of its last event, with the same hash.
"""

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints

import orjson
import structlog

from shop.contracts import codec, commits, deciders
from shop.contracts.deciders import Decider
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.wire import SnapshotWire
from shop.event_sourcing.event_store import EventStoreClient, StreamEvents
from shop.event_sourcing.stream_cache import CachedStream, StreamCache

log = structlog.get_logger(__name__)

LATEST = 2**53
"""No upper limit of versions."""


def folded(store: EventStoreClient, known: Mapping[str, CachedStream]) -> Iterator[Mapping[str, CachedStream]]:
    """Bring streams up to date. Yields the changed ones after each call, and runs other greenlets in between.

    After the first answer, the rest continues from a snapshot, if there is one.
    """
    remaining, is_first = dict(known), True
    while remaining:
        answer = store.read_page({stream: at_hand.version for stream, at_hand in remaining.items()})
        moved = {
            stream: remaining[stream].after(part.events, part.reached, part.anchor) for stream, part in answer.items()
        }
        yield moved
        remaining = {stream: moved[stream] for stream, part in answer.items() if not part.is_last}
        if is_first:
            remaining = later(store, remaining)
        is_first = False


def later(store: EventStoreClient, known: Mapping[str, CachedStream], at_most: int = LATEST) -> dict[str, CachedStream]:
    """The streams at their latest snapshots up to a version, where these are newer than the known ones."""
    forms = {stream: form_of(at_hand.decider) for stream, at_hand in known.items()}
    found = store.read_snapshots([(stream, form, at_most) for stream, form in forms.items() if form])
    return {stream: _later(at_hand, found.get(stream)) for stream, at_hand in known.items()}


def keep_due(store: EventStoreClient, states: StreamCache) -> None:
    """Store snapshots of streams that have many events since their last one."""
    if due := states.take_due():
        keep(store, due)


def keep(store: EventStoreClient, known: Mapping[str, CachedStream]) -> None:
    """Best effort: snapshots that cannot be stored now will be due again."""
    snapshots = [snapshot for stream, at_hand in known.items() if (snapshot := _snapshot(stream, at_hand))]
    try:
        if snapshots:
            store.keep_snapshots(snapshots)
    except ServiceUnavailable as error:
        log.info("snapshots not kept", streams=[snapshot["stream"] for snapshot in snapshots], error=str(error))


class LongStream:
    """One stream, to be folded page by page."""

    def __init__(self, store: EventStoreClient, stream: str, decider: Decider[Any]) -> None:
        self._store = store
        self._stream = stream
        self.beginning = CachedStream(0, decider, decider.initial)

    def page(self, after: int) -> StreamEvents:
        """The next events."""
        return self._store.read_page({self._stream: after})[self._stream]

    def later(self, known: CachedStream, at_most: int) -> CachedStream:
        """The stream at its latest snapshot up to a version, if that is newer than `known`."""
        return later(self._store, {self._stream: known}, at_most)[self._stream]

    def before(self, known: CachedStream, at: str) -> CachedStream:
        """The stream at the last snapshot but one before a time (ISO 8601).

        Not at the last one, which may include the very event that is looked for.
        """
        form, at_most, found = form_of(known.decider), LATEST, 0
        while form and found < 2:
            snapshot = self._store.read_snapshots([(self._stream, form, at_most)])[self._stream]
            if snapshot is None:
                return known
            found += snapshot["at"] <= at
            at_most = snapshot["version"] - (found < 2)
        return self.later(known, at_most)

    def kept(self, known: CachedStream) -> CachedStream:
        """The same; stores a snapshot if one is due."""
        if not known.is_due:
            return known
        keep(self._store, {self._stream: known})
        return replace(known, kept=known.version)


def _later(known: CachedStream, snapshot: Mapping[str, Any] | None) -> CachedStream:
    if snapshot is None or snapshot["version"] <= known.version:
        return known
    version = snapshot["version"]
    try:
        state = load_state(known.decider, snapshot["state"])
    except (KeyError, TypeError, ValueError) as error:
        log.warning("snapshot cannot be read", stream=snapshot["stream"], version=version, error=repr(error))
        return known
    return replace(known, version=version, state=state, anchor=snapshot["anchor"], kept=version)


def _snapshot(stream: str, known: CachedStream) -> SnapshotWire | None:
    """None for a state that does not survive its JSON form, and for rules whose source cannot be read."""
    form, text = form_of(known.decider), dump_state(known.state)
    if not form or load_state(known.decider, text) != known.state:
        return None
    return {"stream": stream, "version": known.version, "form": form, "anchor": known.anchor, "state": text}


def dump_state(state: Any) -> str:
    """Canonical JSON of a state."""
    wire = None if state is None else codec.dump(state)
    return orjson.dumps(wire, option=orjson.OPT_SORT_KEYS).decode()


def load_state(decider: Decider[Any] | None, text: str) -> Any:
    wire = orjson.loads(text)
    return None if wire is None else codec.load(_state_type(decider), wire)


def _state_type(decider: Decider[Any] | None) -> type[Any]:
    """Return type of `evolve`, without None."""
    returned = get_type_hints(decider.evolve)["return"] if decider else None
    kinds = get_args(returned) if isinstance(returned, UnionType) else (returned,)
    kind: type[Any] = next(kind for kind in kinds if kind is not type(None))
    return kind


def form_of(decider: Decider[Any] | None) -> str | None:
    """Identity of the rules: a hash of their source code, comments included. None if the source cannot be read."""
    return _form_of(decider.evolve.__module__, decider.evolve.__qualname__) if decider else None


@cache
def _form_of(module: str, name: str) -> str | None:
    sources = sha256(name.encode())
    try:
        for each in sorted(_standing_on(module)):
            sources.update(inspect.getsource(sys.modules[each]).encode())
    except (OSError, TypeError):
        return None
    return sources.hexdigest()


def _standing_on(module: str) -> set[str]:
    """The module and all of our modules that it imports, transitively, plus those that decode events."""
    found: set[str] = set()
    waiting = [module, *(part.__name__ for part in (codec, commits, deciders))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named_in(sys.modules[name])
    return found


def _named_in(module: ModuleType) -> set[str]:
    named = {
        part.__name__ if isinstance(part, ModuleType) else getattr(part, "__module__", None)
        for part in vars(module).values()
    }
    return {name for name in named if isinstance(name, str) and name in sys.modules and _is_ours(name)}


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "shop" or module.partition(".")[0].endswith("_svc")
