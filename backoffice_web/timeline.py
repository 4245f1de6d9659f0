"""An order's saga as a timeline across the services: events, times, services and causes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from backoffice_web.words import actor_name, reason_names
from shop.http.client import Json
from shop.web.formats import money, number


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One event.

    Args:
        what: details, such as an amount; empty without any.
        cause: the event that caused it, in words.
        cause_position: position of the causing commit, if that belongs to the order; else 0.
        since: milliseconds since the event before; None for the first one.
        is_joined: recorded in one commit with the event before.
    """

    event: str
    what: str
    at: str
    service: str
    position: int
    stream: str
    version: int
    cause: str
    cause_position: int
    since: int | None
    state: str
    is_joined: bool
    data: Json


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """An order's events, oldest first. `milliseconds`: from the first to the decision, if any."""

    moments: Sequence[Moment]
    milliseconds: int | None


DECISIONS = ("OrderApproved", "OrderRejected", "OrderCancelled")


def timeline_of(history: Sequence[Json], products: Mapping[str, str]) -> Timeline:
    """Args: history: as the gateway returns it to managers. products: names of the ordered products, by id."""
    names = _names(history)
    moments = [
        _moment(entry, before, names, products) for entry, before in zip(history, [None, *history[:-1]], strict=True)
    ]
    decided = next((entry for entry in history if entry["event"] in DECISIONS), None)
    return Timeline(moments=moments, milliseconds=_milliseconds(history[0], decided) if decided else None)


def _moment(entry: Json, before: Json | None, names: dict[int, str], products: Mapping[str, str]) -> Moment:
    recorded = entry["recorded"]
    cause = recorded["causation"]
    return Moment(
        event=entry["event"],
        what=_what(recorded["data"], products),
        at=entry["at"],
        service=recorded["service"],
        position=recorded["position"],
        stream=recorded["stream"],
        version=recorded["version"],
        cause=_cause(recorded, names),
        cause_position=cause if cause in names else 0,
        since=_milliseconds(before, entry) if before else None,
        state=entry["state"] or "",
        is_joined=before is not None and before["recorded"]["position"] == recorded["position"],
        data=recorded["data"],
    )


def _what(data: Json, products: Mapping[str, str]) -> str:
    if "quantity" in data:
        name = products.get(data["product_id"], data["product_id"])
        return f"{number(data['quantity'])} \N{MULTIPLICATION SIGN} {name}"
    if "reasons" in data:
        return reason_names(data["reasons"])
    amount = data.get("amount") or data.get("total")
    return money(amount) if amount else ""


def _cause(recorded: Json, names: dict[int, str]) -> str:
    if recorded["causation"] in names:
        return str(_("triggered by %(event)s", event=names[recorded["causation"]]))
    if recorded["causation"]:
        return str(_("triggered by commit %(position)s", position=recorded["causation"]))
    if recorded["actor"].startswith("service:"):
        return str(_("triggered by timeout"))
    return str(_("requested by %(actor)s", actor=actor_name(recorded["actor"])))


def _names(history: Sequence[Json]) -> dict[int, str]:
    """Name of each commit's first event, by position."""
    names: dict[int, str] = {}
    for entry in history:
        names.setdefault(entry["recorded"]["position"], entry["event"])
    return names


def _milliseconds(first: Json, then: Json) -> int:
    passed = datetime.fromisoformat(then["at"]) - datetime.fromisoformat(first["at"])
    return round(passed.total_seconds() * 1000)
