"""What it takes to bring a log back from a backup, commit by commit. Pure.

A restored log has the id, the positions, the times and the hashes of the one that was copied. Those who follow it know
it under another name: a read model may show what was recorded after the copy was made, and would take other commits
at the same positions for the ones it knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from event_store_svc.domain import Link, Tail, fault_of
from shop.contracts.errors import InvalidRequest, LogNotEmpty

MARK = "+"
"""Between the log's id and what tells one restore from another."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """The log comes from a backup. While it is under way, nothing else is recorded."""

    mark: str
    under_way: bool

    @classmethod
    def begun(cls) -> "Restoration":
        return cls(uuid4().hex[:12], under_way=True)


def name_of(log_id: str, restoration: Restoration | None) -> str:
    """Under which name followers know the log."""
    return f"{log_id}{MARK}{restoration.mark}" if restoration else log_id


def id_in(name: str) -> str:
    """The log's id, of which the chain of hashes is made, in the name that followers know."""
    return name.partition(MARK)[0]


def still_to_add(
    links: Sequence[Link], tail: Tail, restoration: Restoration | None, *, log_id: str, copied_id: str
) -> Sequence[Link]:
    """Those of some commits of a copy, in order, that are not in the log yet.

    Args:
        tail: of the log as it is.
        log_id: its id.
        copied_id: the id of the log that was copied.

    Raises:
        LogNotEmpty: the log has other commits than the first ones of the copy.
        InvalidRequest: the commits do not continue it, or are not as they were written.
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
    """Whether the copy has another commit at the last position of the log."""
    return any(link.tail.position == tail.position and link.tail.hash != tail.hash for link in links)
