"""Whether the shop is seeded: with the first manager, and with the demo if configured.

`shop_cli/seeding.py` writes the seed, the first manager last. So the log itself shows whether the seed is complete.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.api import EventStoreApi
from shop.contracts.names import FIRST_MANAGER, is_step_of_seed
from shop.service.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The beginning of the log.

    Args:
        manager: the position of the commit that completes a seed; None without it.
        first: the command id of the first commit; None in an empty log.
    """

    manager: int | None
    first: str | None

    def seeded_at(self, *, awaited: bool) -> int | None:
        """The position at which the seed is complete; None while it is incomplete.

        Args:
            awaited: an empty log will be filled.
        """
        if self.manager is not None:
            return self.manager
        if self.first is None:
            return None if awaited else 0
        # A log with other commits, such as one from a backup, is not seeded any more.
        return None if is_step_of_seed(self.first) else 0


EMPTY = Beginning(manager=None, first=None)


def beginning_of(event_store: EventStoreApi) -> Beginning:
    """Read it from the event store. Raises: ServiceUnavailable."""
    manager = event_store.find([FIRST_MANAGER])[FIRST_MANAGER]
    if manager:
        return Beginning(manager=manager["position"], first=None)
    commits = event_store.read_all(0, 1)["commits"]
    return Beginning(manager=None, first=commits[0]["command_id"] if commits else None)


class SeedWatch:
    """Remembers a complete seed: it stays complete.

    Args:
        awaited: as of `Beginning.seeded_at`.
    """

    def __init__(self, *, awaited: bool) -> None:
        self._awaited = awaited
        self._complete = False

    def is_complete(
        self, head: int | None, shown: Collection[int | None], ask: Callable[[], Beginning | None]
    ) -> bool | None:
        """Whether the seed is complete and the read models show it; None while that is not known.

        Args:
            head: the log's last position; None if the event store does not answer.
            shown: the positions of the read models; None for services that do not answer.
            ask: reads the beginning of the log; None without an answer.
        """
        if self._complete:
            return True
        if head is None:
            return None
        beginning = ask() if head else EMPTY
        if beginning is None:
            return None
        seeded_at = beginning.seeded_at(awaited=self._awaited)
        complete = seeded_at is not None and all(at >= seeded_at for at in shown if at is not None)
        # An empty log can still be seeded, and a service that does not answer may lag.
        self._complete = complete and head > 0 and None not in shown
        return complete


class Seed(DependencyProvider):
    """Dependency provider of the gateway's `SeedWatch`."""

    def setup(self) -> None:
        self._watch = SeedWatch(awaited=Settings.of(self.container.config).await_seed)

    def get_dependency(self, worker_ctx: WorkerContext) -> SeedWatch:  # noqa: ARG002 - Nameko's signature
        return self._watch
