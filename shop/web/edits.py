"""Edits of what somebody else may edit at the same time: field by field, and nothing is overwritten unseen.

A form travels with the version that it was made for, and with a digest of each value that it showed. So it is known
which values were changed here. Those alone are sent, on the condition that the version is still the same. Where it is
another one, what others have changed is merged in, and shown before anything is saved.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Self

from flask_babel import gettext as _
from wtforms import Field, HiddenField

from shop.http.client import Problem
from shop.web import calls
from shop.web.forms import Form, send

Json = dict[str, Any]

TRIES = 5
"""How often an edit is sent again because of edits that have nothing to do with its form."""

CONFLICT = 412


class Versioned(Form):
    """A form about something that has versions, and may have another one by the time it is sent."""

    version = HiddenField()

    @property
    def seen_version(self) -> int | None:
        """The version that the form was made for."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


class Edit(Versioned):
    """A form with values of something that has versions. `seen` has a digest of each value that was shown."""

    seen = HiddenField()

    @classmethod
    def of(cls, known: Mapping[str, Any], version: int) -> Self:
        """The form with the values as they are known."""
        form = cls(formdata=None, data=known)
        form._stand_for(known, version)
        return form

    @property
    def values(self) -> Sequence[Field]:
        """What can be filled in."""
        return [field for field in self if not isinstance(field, HiddenField)]

    @property
    def changed(self) -> set[str]:
        """The names of the fields that were changed here; all of them, where it is not known what they were."""
        seen = self._digests()
        return {field.name for field in self.values if _digest(field.data) != seen.get(field.name)}

    def merge(self, newest: Mapping[str, Any], version: int) -> bool:
        """Stand for the newest version: take over what somebody else has changed, and say it at the fields.

        A field that was changed here, too, keeps what was typed, with the other value next to it.

        Returns: whether somebody else has changed any of them.
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
    """Say at a field what its value has become in the meantime.

    Args:
        typed: the field keeps another value, which was typed here.
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
    """Send an edit, as PATCH, of what can be read at the same path.

    Args:
        body: what is to be sent, of the values as they are in the form then.
        known: the form's values and the version, of what the gateway knows at that path.
        fields: names of the form's fields by those of the gateway, where they differ.

    Returns:
        What the gateway answers; None where it refuses, and the form says why.

    Raises:
        Problem: it has nothing to do with what was typed.
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
    form.form_errors.append(_("Others are changing this all the time. Please save again."))
    return None


def _digest(value: Any) -> str:
    """Short, for it only has to tell values of one field from each other. Browsers send line ends of their own."""
    text = str(value or "").replace("\r\n", "\n").strip()
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
