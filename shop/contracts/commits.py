"""Commits, as proposed to the log and as recorded in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, TypeVar

from shop.contracts.events import Event, load_event
from shop.contracts.wire import KeptCommit, ProposedCommit

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A decision to be recorded atomically.

    Args:
        command_id: identifies the step; the log records each step once.
        events: in order; each names its own stream.
        expects: the version of every stream that the decision was made on, those only read as well.
        correlation_id: the order in a saga, else the request.
        causation: position of the commit that caused it; 0 for a client's command.
        actor: the requesting user, as `"role:username"`.
        service: the deciding service.
        fingerprint: hash of the client's request; None for steps of a saga.
    """

    command_id: str
    events: tuple[Event, ...]
    expects: Mapping[str, int]
    correlation_id: str
    actor: str
    service: str
    causation: int = 0
    fingerprint: str | None = None

    def dump(self) -> ProposedCommit:
        """The form that `event_store.append` takes."""
        return {
            "command_id": self.command_id,
            "events": [
                {"stream": event.stream, "type": type(event).__name__, "data": event.dump()} for event in self.events
            ],
            "expects": dict(self.expects),
            "fingerprint": self.fingerprint,
            "meta": {
                "correlation_id": self.correlation_id,
                "causation": self.causation,
                "actor": self.actor,
                "service": self.service,
            },
        }


@dataclass(frozen=True, kw_only=True)
class RecordedEvent:
    """A recorded event; `fields` are its wire data, from which `event` is loaded on demand."""

    position: int
    stream: str
    version: int
    type: str
    fields: dict[str, Any]
    at: str
    correlation_id: str
    causation: int
    actor: str
    service: str

    @cached_property
    def event(self) -> Event:
        """Raises KeyError, TypeError, ValueError if the data does not fit the event's class."""
        return load_event(self.type, self.fields)


@dataclass(frozen=True, kw_only=True)
class RecordedCommit:
    """A recorded commit.

    `at` is UTC, ISO 8601; `duplicate`: it was recorded before this call; `hash`: of the commit, and all before it.
    """

    position: int
    command_id: str
    events: tuple[RecordedEvent, ...]
    at: str
    correlation_id: str
    fingerprint: str | None = None
    duplicate: bool = False
    hash: str = ""

    @classmethod
    def load(cls, wire: KeptCommit, duplicate: bool = False) -> Self:
        """From the event store's answers and messages."""
        meta = wire["meta"]
        common: dict[str, Any] = {
            "position": wire["position"],
            "at": meta["at"],
            "correlation_id": meta["correlation_id"],
            "causation": meta["causation"],
            "actor": meta["actor"],
            "service": meta["service"],
        }
        return cls(
            position=wire["position"],
            command_id=wire["command_id"],
            events=tuple(
                RecordedEvent(
                    stream=event["stream"], version=event["version"], type=event["type"], fields=event["data"], **common
                )
                for event in wire["events"]
            ),
            at=meta["at"],
            correlation_id=meta["correlation_id"],
            fingerprint=wire.get("fingerprint"),
            duplicate=duplicate,
            hash=wire.get("hash", ""),
        )


def events_of(commits: Iterable[RecordedCommit]) -> Sequence[RecordedEvent]:
    """All events of the commits, in log order."""
    return [event for commit in commits for event in commit.events]


def event_in(commit: Commit | RecordedCommit | None, kind: type[E]) -> E | None:
    """The first event of this type in a commit; None without one."""
    for event in commit.events if commit else ():
        plain = event.event if isinstance(event, RecordedEvent) else event
        if isinstance(plain, kind):
            return plain
    return None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The log's answer to one commit of `append_many`: recorded (perhaps earlier), or an error."""

    commit: RecordedCommit | None = None
    error: Exception | None = field(default=None, compare=False)
