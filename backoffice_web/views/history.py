"""Time travel through any stream, version by version."""

import re
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from backoffice_web.finding import Found, find
from backoffice_web.past import MOST_FIELDS, fields_of, ids_in
from shop.http.client import Json, Problem
from shop.web import calls
from shop.web.formats import instant_of
from shop.web.searching import search_text

history = Blueprint("history", __name__)

NAME = re.compile(r"[a-z-]+-[A-Za-z0-9._-]{1,64}", re.ASCII)
EVENTS_AROUND = 10

KINDS = {
    "customer": _l("Customer"),
    "product": _l("Product"),
    "category": _l("Category"),
    "order": _l("Order"),
    "stock": _l("Stock of an order"),
    "invoices": _l("Invoices (year)"),
    "credit-notes": _l("Credit notes (year)"),
    "credential": _l("Password"),
}
CAN_BE_FOUND = [kind for kind in KINDS if kind != "credential"]
PASSWORDS = "credential-"
"""Prefix of the streams of passwords, whose state is secret."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A version in a stream, and its neighbours for navigation.

    Args:
        at: the requested time, ISO 8601; empty without one.
        is_too_early: the stream had no events at that time.
    """

    stream: str
    version: int
    last: int
    at: str = ""
    is_too_early: bool = False

    @property
    def before(self) -> int | None:
        return self.version - 1 if self.version > 1 else None

    @property
    def after(self) -> int | None:
        return self.version + 1 if self.version < self.last else None


@history.get("/history")
def ask() -> Response | tuple[str, int] | str:
    """The search form. A query with `key`, and optionally `kind` and `at`, redirects to the thing."""
    kind, key = request.args.get("kind", ""), search_text("key")
    if not key:
        return _ask_page(kind, key)
    found = find(kind, key) if kind in ("", *CAN_BE_FOUND) else []
    if not found:
        return _ask_page(kind, key, complaint=_("No matches found.")), 422
    if len(found) == 1:
        return redirect(url_for("history.show", stream=found[0].stream, at=request.args.get("at") or None))
    return _ask_page(kind, key, found=found)


@history.get("/history/<stream>")
def show(stream: str) -> Response | tuple[str, int] | str:
    if not NAME.fullmatch(stream):
        raise NotFound
    kind, key = _split(stream)
    try:
        place, before, after = _looked_up(stream, instant_of(request.args.get("at", "")), _version_asked_for())
    except Problem as problem:
        if problem.status != 404:
            raise
        return _ask_page(kind, key, complaint=_("No events found.")), 404
    fields = fields_of(before, after, _names(kind, key, [before, after]), key)
    return render_template(
        "history.html",
        place=place,
        kind=KINDS.get(kind, kind),
        name=(after or before or {}).get("name", key),
        fields=fields[:MOST_FIELDS],
        left_out=max(0, len(fields) - MOST_FIELDS),
        is_secret=stream.startswith(PASSWORDS),
        is_gone=after is None,
        events=_events(place),
    )


def _version_asked_for() -> int | None:
    """The requested version from 1 on; None for the last one."""
    text = request.args.get("version", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _looked_up(stream: str, at: str, version: int | None) -> tuple[Place, Json | None, Json | None]:
    """The place, and the states before and after its event. Raises: Problem, for an unknown stream.

    Args:
        at: takes precedence over the version; empty for none.
    """
    if stream.startswith(PASSWORDS):
        times = [event["at"] for event in calls.read_all(f"/v1/streams/{stream}")]
        then = sum(time <= at for time in times) if at else min(version or len(times), len(times))
        return _place(stream, then, len(times), at), None, None
    found = calls.read(f"/v1/streams/{stream}/state", at=at) if at else _state(stream, version)
    place = _place(stream, found["version"], found["last_version"], at)
    if place.is_too_early:
        found = _state(stream, place.version)
    return place, found["before"], found["state"]


def _place(stream: str, version: int, last: int, at: str) -> Place:
    return Place(stream=stream, version=max(version, 1), last=last, at=at, is_too_early=not version)


def _state(stream: str, version: int | None) -> Json:
    """The state at that version; the present one for a version that does not exist yet."""
    try:
        found: Json = calls.read(f"/v1/streams/{stream}/state", version=version)
    except Problem as problem:
        if problem.status != 422 or version is None:
            raise
        return _state(stream, None)
    return found


def _names(kind: str, key: str, states: list[Json | None]) -> dict[str, str]:
    """Names of the things that the states refer to, by id; without those that no longer exist."""
    names: dict[str, str] = {}
    if kind == "product" and any(ids_in(state, "category_id") for state in states):
        names |= {category["id"]: category["name"] for category in calls.read_all("/v1/categories")}
    if kind == "stock":
        names |= _names_of_products(key)
    return names


def _names_of_products(order_id: str) -> dict[str, str]:
    """Names of the ordered products, including those no longer on sale."""
    try:
        order = calls.read(f"/v1/orders/{order_id}")
    except Problem as problem:
        if problem.status != 404:
            raise
        return {}
    return {line["product_id"]: line["name"] for line in order["lines"]}


def _events(place: Place) -> list[Json]:
    """The selected event, and some around it."""
    first = max(0, place.version - 1 - EVENTS_AROUND)
    events: list[Json] = calls.read(f"/v1/streams/{place.stream}", after=first, limit=2 * EVENTS_AROUND + 1)["items"]
    return events


def _split(stream: str) -> tuple[str, str]:
    kind = next((kind for kind in KINDS if stream.startswith(f"{kind}-")), "")
    return kind, stream.removeprefix(f"{kind}-")


def _ask_page(kind: str, key: str, *, complaint: str = "", found: list[Found] | None = None) -> str:
    return render_template(
        "history_ask.html",
        kinds=KINDS,
        can_be_found=CAN_BE_FOUND,
        kind=kind,
        key=key,
        at=request.args.get("at", ""),
        complaint=complaint,
        found=found or [],
    )
