"""Optimistic concurrency for forms: concurrent edits are merged field by field, and nothing is overwritten unseen.

A form contains the version that it was rendered for, and a digest of each value shown, so the changed values are known.
They alone are sent, with If-Match. On a version conflict, the other edits are merged into the form and shown before
anything is saved.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Self

from flask_babel import gettext as _
from wtforms import Field, HiddenField

from shop.http.client import Json, Problem
from shop.web import calls
from shop.web.forms import Form, send

TRIES = 5
"""Retries of an edit after conflicts with edits of fields outside of its form."""

CONFLICT = 412


class Versioned(Form):
    """A form that detects concurrent edits by the version it was rendered with."""

    version = HiddenField()

    @property
    def seen_version(self) -> int | None:
        """The version that the form was rendered for."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


class Edit(Versioned):
    """A form with values of a versioned resource. `seen` has a digest of each value shown."""

    seen = HiddenField()

    @classmethod
    def of(cls, known: Mapping[str, Any], version: int) -> Self:
        """The form with the present values."""
        form = cls(formdata=None, data=known)
        form._stand_for(known, version)
        return form

    @property
    def values(self) -> Sequence[Field]:
        """The editable fields."""
        return [field for field in self if not isinstance(field, HiddenField)]

    @property
    def changed(self) -> set[str]:
        """Names of the fields changed in this form; all of them, if the values shown are not known."""
        seen = self._digests()
        return {field.name for field in self.values if _digest(field.data) != seen.get(field.name)}

    def merge(self, newest: Mapping[str, Any], version: int) -> bool:
        """Merge in the changes of a concurrent edit, with a message at each changed field.

        A field that was changed here, too, keeps the typed value, with the other value next to it.

        Returns: whether the other edit changed any field of the form.
        """
        seen, changed = self._digests(), self.changed
        moved = [
            field
            for field in self.values
            if _digest(newest[field.name]) not in (seen.get(field.name), _digest(field.data))
        ]
        for field in moved:
            tell(field, newest[field.name], typed=field.name in changed)
        self._stand_for(newest, version)
        return bool(moved)

    def _stand_for(self, known: Mapping[str, Any], version: int) -> None:
        self.version.data = str(version)
        self.seen.data = json.dumps({field.name: _digest(known[field.name]) for field in self.values})

    def _digests(self) -> Mapping[str, str]:
        try:
            digests = json.loads(self.seen.data or "")
        except ValueError:
            return {}
        return digests if isinstance(digests, dict) else {}


def tell(field: Any, value: Any, *, typed: bool) -> None:
    """Add a message with the field's new value.

    Args:
        typed: the field keeps the value typed here.
    """
    field.theirs, field.is_typed = value, typed
    if not typed:
        field.data = value


def save(
    form: Edit,
    path: str,
    *,
    body: Callable[[], Json],
    known: Callable[[Json], tuple[Mapping[str, Any], int]],
    fields: Mapping[str, str] | None = None,
) -> Json | None:
    """Send an edit as PATCH to the path of the resource.

    Args:
        body: makes the body from the form's present values.
        known: extracts the form's values and the version from the gateway's answer.
        fields: names of the form's fields by the gateway's, where they differ.

    Returns:
        The gateway's answer; None if it refused, with the reason in the form.

    Raises:
        Problem: a refusal that does not concern the form's values.
        GatewayUnavailable.
    """
    for _try in range(TRIES):
        try:
            answer: Json | None = send(form, "PATCH", path, body(), version=form.seen_version)
        except Problem as problem:
            if problem.status not in (409, CONFLICT, 422, 429):
                raise
            if problem.status == CONFLICT and not form.merge(*known(calls.read(path))):
                continue
            form.take(problem, fields)
            return None
        return answer or {}
    form.form_errors.append(_("Too many changes at the same time. Save again."))
    return None


def _digest(value: Any) -> str:
    """A short digest, enough to distinguish the values of one field.

    Line ends are normalised: browsers send their own.
    """
    text = str(value or "").replace("\r\n", "\n").strip()
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
