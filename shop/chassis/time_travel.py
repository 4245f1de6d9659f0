"""Aggregates as they were, at any version and any time, by the same rules that decide about them today.

Services take it from the module, `class OrdersService(time_travel.TimeTravel)`, see `operations.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import eventlet

from shop.chassis.identity import CallingActor
from shop.chassis.log import EventLog
from shop.chassis.rpc import rpc
from shop.contracts.actors import require_manager
from shop.contracts.codec import dump, dump_time, load_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.deciders import Decider
from shop.contracts.errors import InvalidRequest, UnknownStream
from shop.contracts.names import kind_of_stream

AT_ONCE = 200
"""Events that are folded before other greenlets get their turn."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A stream's version, or a time; the stream's end where neither is given."""

    version: int | None = None
    at: datetime | None = None

    @classmethod
    def load(cls, version: Any, at: Any) -> "Moment":
        """Raises: InvalidRequest, for what is neither, or both."""
        if version is not None and at is not None:
            raise InvalidRequest({"at": ["Name a version or a time, not both."]})
        if version is not None and (type(version) is not int or version < 0):
            raise InvalidRequest({"version": ["A whole number, from 0 on."]})
        return cls(version=version, at=_time(at) if at is not None else None)

    def before(self, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
        """The stream's events up to this moment. Raises: InvalidRequest, where there are not as many."""
        if self.at is not None:
            latest = dump_time(self.at)
            return [event for event in events if event.at <= latest]
        if self.version is None:
            return events
        if self.version > len(events):
            raise InvalidRequest({"version": [f"The stream has {len(events)} events."]})
        return events[: self.version]


class TimeTravel:
    """What a service offers to managers who want to know how something came to be."""

    deciders: ClassVar[Mapping[str, Decider[Any]]] = {}
    """By the kind of stream, see `shop.contracts.names`."""

    caller = CallingActor()
    log = EventLog()

    @rpc
    def state_at(self, stream: str, version: int | None = None, at: str | None = None) -> dict[str, Any]:
        """The aggregate of a stream as it was after so many events, or at a time (ISO 8601); as it is, without both.

        Returns:
            `{stream, version, last_version, at, state}`: version and time of the last event that counts in it, and how
            many there are by now; the state as JSON, null where there was nothing (any more).

        Raises:
            UnknownStream: it has no events, or is none of which this service knows the rules.
            InvalidRequest: there are not so many events, or it is not a time.
        """
        actor: Any = self.caller
        require_manager(actor)
        moment = Moment.load(version, at)
        decider = self.deciders.get(kind_of_stream(str(stream)) or "")
        log: Any = self.log
        events: Sequence[RecordedEvent] = log.stream(stream).events if decider else ()
        if decider is None or not events:
            raise UnknownStream(str(stream))
        counting = moment.before(events)
        return {
            "stream": stream,
            "version": len(counting),
            "last_version": len(events),
            "at": counting[-1].at if counting else None,
            "state": _dumped(_folded(decider, counting)) if counting else None,
        }


def _folded(decider: Decider[Any], events: Sequence[RecordedEvent]) -> Any:
    state = decider.initial
    for first in range(0, len(events), AT_ONCE):
        state = decider.fold([recorded.event for recorded in events[first : first + AT_ONCE]], state)
        eventlet.sleep(0)
    return state


def _dumped(state: Any) -> dict[str, object] | None:
    return None if state is None else dump(state)


def _time(text: Any) -> datetime:
    try:
        return load_time(text)
    except (TypeError, ValueError):
        raise InvalidRequest({"at": ["A time with its zone, such as 2026-11-23T09:30:00Z."]}) from None
