"""Plausibility of this machine's clock, compared with the times in the log. Pure.

A commit is never dated earlier than the one before it. So a single commit made with a clock far ahead would date all
that follow, invoices and all, and a clock far behind would be hidden by the log's last time. Beyond these limits the
log refuses appends until the clock is set, or an operator confirms it (`shop clock repair`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shop.contracts.actors import OPERATOR
from shop.contracts.codec import load_time
from shop.contracts.commits import Commit
from shop.contracts.errors import ClockRefused
from shop.contracts.events import ClockRepaired
from shop.contracts.names import Service
from shop.contracts.wire import ProposedEvent

MOST_BEHIND = timedelta(minutes=5)
"""Limit of the log's last time ahead of the clock. Kerberos allows five minutes between machines, too (RFC 4120,
section 5.2.8).
"""

MOST_AHEAD = timedelta(days=366)
"""Limit of the clock ahead of the log's last time: a shop that was closed for a year resumes by itself."""

REPAIR = ClockRepaired.__name__
"""Event type of a commit that may be dated earlier than the one before it."""


def require_plausible(last: str, now: str) -> None:
    """Raises: ClockRefused, if `now` is not plausible after `last` (empty for an empty log)."""
    if not last:
        return
    behind = datetime.fromisoformat(last) - datetime.fromisoformat(now)
    if behind > MOST_BEHIND:
        raise ClockRefused(_sentence(last, now, f"{_length(behind)} ahead of"))
    if -behind > MOST_AHEAD:
        raise ClockRefused(_sentence(last, now, f"{_length(-behind)} behind"))


def is_repair(events: Iterable[ProposedEvent]) -> bool:
    """Whether a commit with these events lets the log continue at another time."""
    return any(event["type"] == REPAIR for event in events)


def repair(log_id: str, *, version: int, position: int, last: str, now: str) -> Commit:
    """The commit that lets the log continue at `now`.

    Args:
        version: of the stream `clock-<log_id>`.
        position: the log's last one, which makes the command idempotent.
    """
    repaired = ClockRepaired(log_id=log_id, last_time=load_time(last), time=load_time(now))
    return Commit(
        command_id=f"clock:{position}",
        events=(repaired,),
        expects={repaired.stream: version},
        correlation_id=repaired.stream,
        actor=OPERATOR,
        service=Service.EVENT_STORE.value,
    )


def _sentence(last: str, now: str, relation: str) -> str:
    return (
        f"the log's last commit is dated {last}, {relation} this machine's clock, which says {now}. "
        "Set the clock; if it is right, run: shop clock repair"
    )


def _length(span: timedelta) -> str:
    """The time span in the largest unit of which it has at least two."""
    for unit, seconds in (("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if (number := int(span.total_seconds() // seconds)) >= 2:
            return f"{number:,} {unit}"
    return f"{int(span.total_seconds())} seconds"
