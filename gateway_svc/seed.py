"""Whether the shop has what it begins with: the first manager, and the demo where one is wanted.

`shop_cli/seeding.py` writes that, the first manager last. So the log says how far it is, and nobody has to tell.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.names import FIRST_MANAGER, is_step_of_seed
from shop.service.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """How the log begins.

    Args:
        manager: the position of the commit that ends a seed; None where there is none.
        first: the command id of the first commit; None in an empty log.
    """

    manager: int | None
    first: str | None

    def seeded_at(self, *, awaited: bool) -> int | None:
        """The position at which the log has all that it begins with; None while something is still to come.

        Args:
            awaited: an empty log will be filled.
        """
        if self.manager is not None:
            return self.manager
        if self.first is None:
            return None if awaited else 0
        # A log that was used in another way, such as one from a backup, is not filled any more.
        return None if is_step_of_seed(self.first) else 0


EMPTY = Beginning(manager=None, first=None)


def beginning_of(event_store: Any) -> Beginning:
    """Ask the event store. Raises: ServiceUnavailable."""
    manager = event_store.find([FIRST_MANAGER])[FIRST_MANAGER]
    if manager:
        return Beginning(manager=manager["position"], first=None)
    commits = event_store.read_all(0, 1)["commits"]
    return Beginning(manager=None, first=commits[0]["command_id"] if commits else None)


class SeedWatch:
    """Remembers that the shop once was complete: it stays so.

    Args:
        awaited: as of `Beginning.seeded_at`.
    """

    def __init__(self, *, awaited: bool) -> None:
        self._awaited = awaited
        self._complete = False

    def is_complete(
        self, head: int | None, shown: Collection[int | None], ask: Callable[[], Beginning | None]
    ) -> bool | None:
        """Whether the log has what the shop begins with, and the read models show it; None while that is not known.

        Args:
            head: the log's last position; None if the event store does not answer.
            shown: the positions of the read models; None for those that do not answer, which are not asked for more.
            ask: how the log begins; None if there is no answer.
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
        # An empty log can still be filled, and a service that does not answer may be behind.
        self._complete = complete and head > 0 and None not in shown
        return complete


class Seed(DependencyProvider):
    """Gives the workers of a gateway its `SeedWatch`."""

    def setup(self) -> None:
        self._watch = SeedWatch(awaited=Settings.of(self.container.config).await_seed)

    def get_dependency(self, worker_ctx: WorkerContext) -> SeedWatch:  # noqa: ARG002 - Nameko's signature
        return self._watch
