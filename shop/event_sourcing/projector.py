"""Keeps a service's read model up to date with the log, and rebuilds it beside the old one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from shop.contracts.commits import RecordedCommit, RecordedEvent, events_of
from shop.contracts.errors import ShopError
from shop.event_sourcing.dead_letters import SetAside
from shop.event_sourcing.event_store import EventStoreClient
from shop.read_models.read_model import Namespace, ReadModel
from shop.service.failpoints import Point, failpoint
from shop.service.greenlets import EVENTLET, Greenlet, Greenlets, Signal
from shop.service.trials import WriteProbe

log = structlog.get_logger(__name__)

BATCH = 500
"""Commits per transaction of a rebuild."""
POLL_SECONDS = 0.02
SECONDS_BEFORE_A_DROP = 10.0
"""Time for other processes to notice a new namespace; until then they read the old one."""


@dataclass(frozen=True)
class Projection:
    """A method of the service that projects events of some types into the read model."""

    name: str
    types: frozenset[str]
    apply: Callable[[RecordedEvent, Any], None]


class ProjectionFailed(Exception):
    """A projection raised an exception of its own."""

    def __init__(self, recorded: RecordedEvent, name: str, error: Exception) -> None:
        self.recorded, self.name, self.error = recorded, name, error
        super().__init__(f"{name} at {recorded.position}")


class Projector:
    """Updates one read model.

    Args:
        model: the store.
        projections: the service's projections, in the order in which they run for an event.
    """

    def __init__(
        self,
        service: str,
        store: EventStoreClient,
        model: ReadModel,
        projections: Sequence[Projection],
        greenlets: Greenlets = EVENTLET,
    ) -> None:
        self._service = service
        self._store = store
        self._model = model
        self._greenlets = greenlets
        self._by_type: dict[str, list[Projection]] = {}
        for projection in projections:
            for name in projection.types:
                self._by_type.setdefault(name, []).append(projection)
        self._current: Namespace | None = None
        self._building: Namespace | None = None
        self._builder: Greenlet | None = None
        self._goal: int | None = None
        self._log = ""
        self._leading = False
        self._passed = 0
        self._waiting: dict[Signal, int] = {}
        self._dropping: list[tuple[float, Namespace]] = []
        self._looked = 0.0
        self.trial = WriteProbe(model.try_to_write, greenlets)

    @property
    def ready(self) -> bool:
        """Whether there is a read model to query."""
        return self._current is not None

    @property
    def shown(self) -> int:
        """The read model's position in the log; 0 without a read model.

        The stored position may be lower: commits without a projection do not update it.
        """
        return max(self._current.position, self._passed) if self._current else 0

    def look(self) -> None:
        """Load the present namespaces; drop replaced ones that are no longer read.

        The leader creates a new namespace if there is none, since the read model is lost.
        """
        self._looked = self._greenlets.monotonic()
        namespaces = self._model.namespaces()
        if not namespaces:
            self._dropping = []  # numbers begin anew
        self._current = next((n for n in namespaces if n.current), None)
        if self._current is None or self._current.position < self._passed:
            self._passed = 0  # the read model was lost, or its database restored
        if self._builder is None:
            self._building = next(iter(self._being_built(namespaces)), None)
        if self._leading and self._current is None and self._building is None:
            self._building = self._model.create(self._log)
        while self._dropping and self._dropping[0][0] < self._greenlets.monotonic():
            self._model.drop(self._dropping.pop(0)[1])

    def keep_position(self) -> None:
        """Store the position reached since the last projected event. Called by the runner only.

        Raises:
            CheckpointMoved: another process updates the read model.
        """
        if self._leading and self._current and self._passed > self._current.position:
            self._current = self._model.project(self._current, (), self._passed, self._show)

    def begin(self, log_id: str, set_aside: SetAside, wake: Callable[[], None]) -> None:
        """Become the only process that updates the read model; `wake` tells the runner that a rebuild has caught up."""
        self._wake = wake
        self._log = log_id
        self._leading = True
        self._set_aside = set_aside
        self._dropping = []
        self._passed = 0
        self._stop_building()
        namespaces = self._model.namespaces()
        # Read now: the previous leader may have continued since the lease, and shown more than the log had then.
        _, head = self._store.head()
        for namespace in namespaces:
            if not self._usable(namespace, log_id, head) or self._is_left_over(namespace):
                self._tell_of_earlier_version(namespace)
                self._model.drop(namespace)
        self.look()
        self._build_beside()

    def end(self) -> None:
        """Leave the read model to another process."""
        self._leading = False
        self._passed = 0

    def request_rebuild(self, log_id: str) -> None:
        """Request a rebuild, unless one is running. The leader carries it out."""
        self.look()
        if self._building is None:
            self._building = self._model.create(log_id)

    def progress(self) -> int | None:
        """Position of the running rebuild; None without one."""
        building = self._being_built(self._model.namespaces())
        return building[-1].position if building else None

    def position(self, head: int) -> int:
        """Position from which the current read model continues; `head` without one."""
        return self.shown if self._current else head

    def project(self, commits: Sequence[RecordedCommit]) -> None:
        """Project the commits that the current read model does not show yet."""
        current = self._current
        if current is None:
            return
        fresh = [commit for commit in commits if commit.position > self.shown]
        if not fresh:
            return
        if self._events_to_show(fresh):
            self._current = self._apply(current, fresh)
        else:
            # Reading them again after a crash costs less than a transaction now.
            self._passed = fresh[-1].position
        self._tell_waiting()

    def wait_for(self, position: int, seconds: float) -> bool:
        """Whether the read model reaches this position within so many seconds."""
        deadline = self._greenlets.monotonic() + seconds
        while self.ready and self.shown < position and self._greenlets.monotonic() < deadline:
            if self._leading:
                self._wait_for_signal(position, deadline - self._greenlets.monotonic())
            else:
                self._greenlets.sleep(POLL_SECONDS)
                self._look_again()
        return self.shown >= position

    def switch_if_ready(self) -> None:
        """Replace the current read model by the new one, once that has caught up. Called by the runner only."""
        self._build_beside()
        if self._building is None or self._goal is None:
            return
        building, goal = self._building, self._goal
        while building.position < max(goal, self.shown):
            building = self._apply(building, self._store.read_all(building.position, BATCH).commits)
        failpoint(Point.BEFORE_SWITCH, [self._service])
        self._model.switch(building)
        failpoint(Point.AFTER_SWITCH, [self._service])
        log.info("read model rebuilt", service=self._service, position=building.position, number=building.number)
        if self._current:
            self._dropping.append((self._greenlets.monotonic() + SECONDS_BEFORE_A_DROP, self._current))
        self._current, self._building, self._goal = building, None, None
        self._tell_waiting()

    # Private

    def _build_beside(self) -> None:
        """Fill the new read model in a greenlet of its own, so that the current one stays up to date."""
        if self._building and self._builder is None and self._goal is None:
            self._builder = self._greenlets.spawn(self._build)

    def _build(self) -> None:
        """Fill it but for the last batch, which is left to `switch_if_ready`: the log may keep growing."""
        try:
            while self._leading and self._building is not None and self._goal is None:
                page = self._store.read_all(self._building.position, BATCH)
                if page.commits:
                    self._building = self._apply(self._building, page.commits)
                if page.head - self._building.position <= BATCH:
                    self._goal = page.head
                self._greenlets.sleep(0)
        except Exception as error:
            expected = isinstance(error, ShopError)
            log.warning("rebuild interrupted", service=self._service, error=repr(error), exc_info=not expected)
            self._building = None  # `look` resumes it, if it still exists
        finally:
            self._builder = None
            self._wake()

    def _stop_building(self) -> None:
        """Its namespace may be gone; otherwise `look` resumes it."""
        if self._builder is not None:
            self._builder.kill()
        self._builder = self._building = self._goal = None

    def _apply(self, namespace: Namespace, commits: Sequence[RecordedCommit]) -> Namespace:
        """The namespace after these commits. An event whose projection keeps failing is skipped as a dead letter."""
        events = self._events_to_show(commits)
        while True:
            try:
                failpoint(Point.BEFORE_PROJECTION, (recorded.type for recorded in events))
                shown = self._model.project(namespace, events, commits[-1].position, self._show)
                failpoint(Point.AFTER_PROJECTION, (recorded.type for recorded in events))
                return shown
            except ProjectionFailed as failure:
                self._set_aside.projection_failed(failure.recorded, failure.name, failure.error)

    def _events_to_show(self, commits: Sequence[RecordedCommit]) -> Sequence[RecordedEvent]:
        return [recorded for recorded in events_of(commits) if recorded.type in self._by_type]

    def _show(self, recorded: RecordedEvent, rows: Any) -> None:
        for projection in self._by_type[recorded.type]:
            if self._set_aside.is_projection_aside(recorded, projection.name):
                continue
            try:
                projection.apply(recorded, rows)
            except ShopError:
                raise
            except Exception as error:
                raise ProjectionFailed(recorded, projection.name, error) from error
        failpoint(Point.IN_PROJECTION, [recorded.type])

    def _look_again(self) -> None:
        """A shared reload of the namespaces for all waiting greenlets."""
        if self._greenlets.monotonic() - self._looked >= POLL_SECONDS:
            self.look()

    def _wait_for_signal(self, position: int, seconds: float) -> None:
        signal = self._greenlets.signal()
        self._waiting[signal] = position
        try:
            signal.wait(seconds)
        finally:
            self._waiting.pop(signal, None)

    def _tell_waiting(self) -> None:
        for signal, position in list(self._waiting.items()):
            if position <= self.shown:
                signal.send()

    def _usable(self, namespace: Namespace, log_id: str, head: int) -> bool:
        same = namespace.log == log_id and namespace.schema_version == self._model.schema_version
        return same and namespace.position <= head

    def _tell_of_earlier_version(self, namespace: Namespace) -> None:
        if namespace.current and namespace.schema_version < self._model.schema_version:
            told = f"The read model of {self._service} is of an earlier version, and is made anew: nothing is lost."
            log.warning(told, service=self._service)

    def _is_left_over(self, namespace: Namespace) -> bool:
        """Whether the namespace is replaced and not dropped yet: neither current nor newer."""
        current = next((n for n in self._model.namespaces() if n.current), None)
        return current is not None and namespace.number < current.number

    def _being_built(self, namespaces: Sequence[Namespace]) -> Sequence[Namespace]:
        return [n for n in namespaces if n.log and not n.current and not self._is_dropping(n)]

    def _is_dropping(self, namespace: Namespace) -> bool:
        older = self._current is not None and namespace.number < self._current.number
        return older or any(namespace.number == dropped.number for _, dropped in self._dropping)
