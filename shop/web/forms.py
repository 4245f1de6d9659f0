"""Forms that keep typed values and show errors next to their fields."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from shop.http.client import Problem
from shop.web import calls
from shop.web.amounts import whole_number
from shop.web.phrases import told, told_of_field

__all__ = ["Form", "Optional", "filled", "longest", "send", "shortest"]

Json = Any

LONGEST_KEY = 64
DIGITS = 12
"""Hexadecimal digits of a digest that distinguishes the requests of one form."""

SECRETS = {"password", "current_password", "new_password"}


def new_key() -> str:
    return uuid4().hex


def send(form: "Form", method: str, path: str, body: Json = None, *, version: int | None = None) -> Json:
    """Send a form's request to the gateway. Returns the answer.

    Raises: as `calls.write`.
    """
    try:
        return calls.write(method, path, body, key=form.key_for(method, path, body), version=version)
    except Problem as problem:
        if problem.kind != "command-reused":
            raise
    # Only a password can differ under the same key: treat it as another request, too.
    return calls.write(method, path, body, version=version)


class Form(FlaskForm):
    """A form on a page. `form_errors` are for the form as a whole.

    `key` identifies one rendering of the page. Together with the request's content it makes the Idempotency-Key: a
    double submit is carried out once, and a later submit with other values is another request.
    """

    key = HiddenField(default=new_key)
    refusal = ""
    """Kind of the gateway's problem with the form."""

    @property
    def idempotency_key(self) -> str:
        """The key submitted with the form, if valid."""
        given = str(self.key.data or "")
        return given if 0 < len(given) <= LONGEST_KEY and given.isascii() and given.isalnum() else new_key()

    def key_for(self, method: str, path: str, body: Json) -> str:
        """Idempotency-Key of the form's request. It does not depend on passwords, since keys are recorded."""
        told = {name: value for name, value in (body or {}).items() if name not in SECRETS}
        digest = sha256(json.dumps([method, path, told], sort_keys=True).encode()).hexdigest()
        return f"{self.idempotency_key}-{digest[:DIGITS]}"

    def take(self, problem: Problem, fields: Mapping[str, str] | None = None) -> None:
        """Show the gateway's messages next to their fields, or else above the form.

        Args:
            fields: names of the form's fields by the gateway's, where they differ.
        """
        self.key.data = new_key()  # the next submit is another request
        self.refusal = problem.kind
        unplaced = [self._place(name, messages, fields or {}) for name, messages in problem.errors.items()]
        if not problem.errors or any(unplaced):
            self.form_errors.append(told(problem))

    def blame(self, field: str, message: str) -> None:
        """Add an error message to a field."""
        found: Any = self[field]
        found.errors = [*found.errors, message]

    def _place(self, name: str, messages: list[str], fields: Mapping[str, str]) -> bool:
        """Returns: whether no field fits the messages."""
        field = fields.get(name, name.rpartition(".")[2] if name.rpartition(".")[2] in self else name)
        if field not in self:
            return True
        for message in told_of_field(messages):
            self.blame(field, message)
        return False


def filled() -> DataRequired:
    """Validator: the field must not be empty or blank."""
    return DataRequired(_l("This field is required."))


def longest(characters: int) -> Length:
    return Length(max=characters, message=_l("Use at most %(max)d characters."))


def shortest(characters: int) -> Length:
    return Length(min=characters, message=_l("Use at least %(min)d characters."))


class WholeNumberField:
    """Validator: an integer within bounds, in any notation. The gateway checks its meaning."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: FlaskForm, field: Field) -> None:  # noqa: ARG002 - the signature of WTForms
        try:
            fits = self.least <= whole_number(str(field.data or "")) <= self.most
        except ValueError:
            fits = False
        if not fits:
            bounds = {"least": self.least, "most": self.most}
            raise ValidationError(_("Enter a whole number between %(least)s and %(most)s.", **bounds))
