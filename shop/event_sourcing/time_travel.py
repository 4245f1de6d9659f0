"""Time travel: aggregates at any past version or time, folded by today's rules.

Services inherit it from the module, `class OrdersService(time_travel.TimeTravel)`, see `operations.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from shop.contracts.actors import Actor, require_manager
from shop.contracts.codec import dump, dump_time, load_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.errors import InvalidRequest, UnknownStream
from shop.contracts.names import kind_of_stream
from shop.contracts.views import StateView
from shop.event_sourcing.event_store import StreamEvents
from shop.event_sourcing.log import EventLog, Log
from shop.event_sourcing.snapshots import LongStream
from shop.event_sourcing.stream_cache import CachedStream
from shop.messaging.rpc import rpc
from shop.service.identity import CallingActor


@dataclass(frozen=True, kw_only=True)
class VersionOrTime:
    """A stream's version, or a time; the stream's end without either."""

    version: int | None = None
    at: datetime | None = None

    @classmethod
    def load(cls, version: Any, at: Any) -> "VersionOrTime":
        """Raises: InvalidRequest, for both or an invalid one."""
        if version is not None and at is not None:
            raise InvalidRequest({"at": ["Specify either version or at, not both."]})
        if version is not None and (type(version) is not int or version < 0):
            raise InvalidRequest({"version": ["Must be an integer of at least 0."]})
        return cls(version=version, at=_time(at) if at is not None else None)

    def includes(self, recorded: RecordedEvent) -> bool:
        """Whether the event had happened by then. With a later event, it had as well, even if dated later itself."""
        if self.at is not None:
            return recorded.at <= dump_time(self.at)
        return self.version is None or recorded.version <= self.version

    def is_over(self, version: int) -> bool:
        """Whether no event after this version had happened by then."""
        return self.version is not None and version >= self.version

    def require_within(self, last_version: int) -> None:
        """Raises: InvalidRequest, if the stream has fewer events."""
        if self.version is not None and self.version > last_version:
            raise InvalidRequest({"version": [f"Must not exceed {last_version}, the number of events in the stream."]})


class Past:
    """A stream up to a moment, folded page by page without keeping them. Yields to other greenlets."""

    def __init__(self, stream: LongStream, moment: VersionOrTime) -> None:
        self._stream = stream
        self._moment = moment
        self._known = stream.beginning
        self._last: RecordedEvent | None = None
        self._shown: tuple[Any, Any] = (None, None)
        self.last_version = 0

    def read(self) -> None:
        """Fold the events up to the moment, the first of many from a snapshot. Raises: InvalidRequest."""
        page = self._read_page()
        if not self._is_read(page):
            self._known = self._jump()
        while not self._is_read(page):
            page = self._read_page()

    def _jump(self) -> CachedStream:
        """The stream at a snapshot before the moment's last event: the state before that event is needed, too."""
        if self._moment.at is not None:
            return self._stream.before(self._known, dump_time(self._moment.at))
        wanted = self.last_version if self._moment.version is None else self._moment.version
        return self._stream.later(self._known, wanted - 1)

    def _read_page(self) -> StreamEvents:
        page = self._stream.page(self._known.version)
        self.last_version = page.version
        self._moment.require_within(page.version)
        for recorded in page.events:
            if self._moment.is_over(self._known.version):
                return page
            self._add(recorded, page.anchor if recorded.version == page.reached else "")
        if self._moment.at is None:  # else it may begin before existing snapshots
            self._known = self._stream.kept(self._known)
        return page

    def _is_read(self, page: StreamEvents) -> bool:
        return self._known.version >= page.version or self._moment.is_over(self._known.version)

    def _add(self, recorded: RecordedEvent, anchor: str) -> None:
        before = self._known.state if self._known.version else None
        self._known = self._known.after([recorded], recorded.version, anchor)
        if self._known.fault:
            raise self._known.fault
        if self._moment.includes(recorded):
            self._last, self._shown = recorded, (before, self._known.state)

    def shown(self, stream: str) -> StateView:
        before, state = self._shown
        return {
            "stream": stream,
            "version": self._last.version if self._last else 0,
            "last_version": self.last_version,
            "at": self._last.at if self._last else None,
            "state": _dumped(state),
            "before": _dumped(before),
        }


class TimeTravel:
    """RPC methods for managers, to inspect the past of an aggregate."""

    deciders: ClassVar[Mapping[str, Decider[Any]]] = {}
    """Deciders by kind of stream, see `shop.contracts.names`."""

    caller: Actor = CallingActor()
    log: Log = EventLog()

    @rpc
    def state_at(self, stream: str, version: int | None = None, at: str | None = None) -> StateView:
        """The aggregate of a stream after so many events, or at a time (ISO 8601); by default, at present.

        Returns:
            `{stream, version, last_version, at, state, before}`: version and time of the last event included, and the
            stream's present version; the state as JSON, and the one before that event; null for a state that did not
            exist (any more).

        Raises:
            UnknownStream: it has no events, or belongs to another service.
            InvalidRequest: the version or time is not valid.
        """
        require_manager(self.caller)
        moment = VersionOrTime.load(version, at)
        decider = self.deciders.get(kind_of_stream(str(stream)) or "")
        if decider is None:
            raise UnknownStream(str(stream))
        past = Past(self.log.stream(stream, decider), moment)
        past.read()
        if not past.last_version:
            raise UnknownStream(str(stream))
        return past.shown(stream)


def _dumped(state: Any) -> dict[str, object] | None:
    return None if state is None else dump(state)


def _time(text: Any) -> datetime:
    try:
        return load_time(text)
    except (TypeError, ValueError):
        raise InvalidRequest(
            {"at": ["Must be an ISO 8601 time with a time zone, such as 2026-11-23T09:30:00Z."]}
        ) from None
