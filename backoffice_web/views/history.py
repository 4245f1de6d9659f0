"""Time travel: any stream, version by version."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from backoffice_web.past import MOST_FIELDS, fields_of
from shop.http_client import Problem
from shop.web import calls

history = Blueprint("history", __name__)

Json = dict[str, Any]

NAME = re.compile(r"[a-z-]+-[A-Za-z0-9._-]{1,64}", re.ASCII)
EVENTS_AROUND = 10

KINDS = {
    "customer": _l("Customer, by username"),
    "product": _l("Product, by id"),
    "category": _l("Category, by id"),
    "order": _l("Order, by id"),
    "stock": _l("Stock of an order, by its id"),
    "invoices": _l("Invoices of a year"),
    "credit-notes": _l("Credit notes of a year"),
}
PASSWORDS = "credential-"
"""Streams of passwords begin like this; nobody sees their state."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A version in a stream, and those that one can go to from there."""

    stream: str
    version: int
    last: int

    @property
    def before(self) -> int | None:
        return self.version - 1 if self.version > 1 else None

    @property
    def after(self) -> int | None:
        return self.version + 1 if self.version < self.last else None


@history.get("/history")
def ask() -> Response | tuple[str, int] | str:
    """Which thing? An address with `kind` and `key` leads to it."""
    kind, key = request.args.get("kind", ""), request.args.get("key", "").strip()
    if not key:
        return _ask_page(kind, key, "")
    stream = f"{kind}-{key}"
    if kind not in KINDS or not NAME.fullmatch(stream):
        return _ask_page(kind, key, _("Nothing has such a name.")), 422
    return redirect(url_for("history.show", stream=stream))


@history.get("/history/<stream>")
def show(stream: str) -> Response | tuple[str, int] | str:
    if not NAME.fullmatch(stream):
        raise NotFound
    try:
        place, before, after = _looked_up(stream, _version_asked_for())
    except Problem as problem:
        if problem.status != 404:
            raise
        kind, key = _split(stream)
        return _ask_page(kind, key, _("There is no such thing, and there never was.")), 404
    fields = fields_of(before, after)
    return render_template(
        "history.html",
        place=place,
        fields=fields[:MOST_FIELDS],
        left_out=max(0, len(fields) - MOST_FIELDS),
        is_secret=stream.startswith(PASSWORDS),
        is_gone=after is None,
        events=_events(place),
    )


def _version_asked_for() -> int | None:
    """From 1 on; None for the last one."""
    text = request.args.get("version", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _looked_up(stream: str, version: int | None) -> tuple[Place, Json | None, Json | None]:
    """Where to look, and the thing before and after the event there. Raises: Problem, where there is no such stream."""
    if stream.startswith(PASSWORDS):
        last = len(calls.read_all(f"/v1/streams/{stream}"))
        return Place(stream=stream, version=min(version or last, last), last=last), None, None
    found = _state(stream, version)
    place = Place(stream=stream, version=found["version"], last=found["last_version"])
    return place, found["before"], found["state"]


def _state(stream: str, version: int | None) -> Json:
    """As it was then, or is: where there is no such version yet."""
    try:
        found: Json = calls.read(f"/v1/streams/{stream}/state", version=version)
    except Problem as problem:
        if problem.status != 422 or version is None:
            raise
        return _state(stream, None)
    return found


def _events(place: Place) -> list[Json]:
    """The event that is looked at, and some around it."""
    first = max(0, place.version - 1 - EVENTS_AROUND)
    events: list[Json] = calls.read(f"/v1/streams/{place.stream}", after=first, limit=2 * EVENTS_AROUND + 1)["items"]
    return events


def _split(stream: str) -> tuple[str, str]:
    kind = next((kind for kind in KINDS if stream.startswith(f"{kind}-")), "")
    return kind, stream.removeprefix(f"{kind}-")


def _ask_page(kind: str, key: str, complaint: str) -> str:
    return render_template("history_ask.html", kinds=KINDS, kind=kind, key=key, complaint=complaint)
