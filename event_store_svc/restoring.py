"""Rules of restoring a log from a backup, commit by commit. Pure.

A restored log has the id, the positions, the times and the hashes of the original. Subscriptions know it under a new
name: a read model may show commits that were recorded after the backup, and would mistake other commits at the same
positions for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from event_store_svc.domain import Link, Tail, fault_of
from shop.contracts.errors import InvalidRequest, LogNotEmpty

MARK = "+"
"""Separates the log's id from the id of the restore."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """The log comes from a backup. During the restore, appends are refused."""

    mark: str
    under_way: bool

    @classmethod
    def begun(cls) -> "Restoration":
        return cls(uuid4().hex[:12], under_way=True)


def name_of(log_id: str, restoration: Restoration | None) -> str:
    """The log's name for subscriptions."""
    return f"{log_id}{MARK}{restoration.mark}" if restoration else log_id


def id_in(name: str) -> str:
    """The log's id, which starts the hash chain, from its name for subscriptions."""
    return name.partition(MARK)[0]


def still_to_add(
    links: Sequence[Link], tail: Tail, restoration: Restoration | None, *, log_id: str, copied_id: str
) -> Sequence[Link]:
    """The commits of a backup that are not in the log yet, from some of them in order.

    Args:
        tail: the log's present one.
        log_id: the log's id.
        copied_id: the id of the original log.

    Raises:
        LogNotEmpty: the log has commits that differ from the backup's first ones.
        InvalidRequest: the commits do not continue the log, or are damaged.
    """
    if restoration is None and tail.position > 0:
        raise LogNotEmpty
    if restoration and (log_id != copied_id or not restoration.under_way or _is_foreign(tail, links)):
        raise LogNotEmpty
    if tail.position == 0:
        tail = Tail.of_empty(copied_id)
    fresh = [link for link in links if link.tail.position > tail.position]
    for link in fresh:
        if fault := fault_of(link, tail):
            raise InvalidRequest({"commits": [fault]})
        tail = link.tail
    return fresh


def _is_foreign(tail: Tail, links: Sequence[Link]) -> bool:
    """Whether the backup has a different commit at the log's last position."""
    return any(link.tail.position == tail.position and link.tail.hash != tail.hash for link in links)
