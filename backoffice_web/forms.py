"""What managers fill in."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from shop.http.client import Problem
from shop.web.amounts import Amount, plain, shown
from shop.web.edits import Edit, Versioned, tell
from shop.web.forms import Form, WholeNumber, filled, longest, send

Json = dict[str, Any]

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_REASON = 120, 5_000, 200
MOST_UNITS = 1_000_000

AMOUNTS = {"price.amount": "price", "credit.amount": "credit"}
"""Our fields by those of the gateway, where they differ."""


class NewProduct(Form):
    name = StringField(_l("Name"), [filled(), longest(LONGEST_NAME)])
    description = TextAreaField(_l("Description"), [longest(LONGEST_DESCRIPTION)])
    supplier = StringField(_l("Supplier"), [filled(), longest(LONGEST_NAME)])
    category_id = SelectField(_l("Category"), [filled()], validate_choice=False)
    price = StringField(_l("Price"), [filled(), Amount()])
    units_in_stock = StringField(_l("Units in stock"), [WholeNumber(0, MOST_UNITS)])


class Product(Edit):
    name = StringField(_l("Name"), [filled(), longest(LONGEST_NAME)])
    description = TextAreaField(_l("Description"), [longest(LONGEST_DESCRIPTION)])
    supplier = StringField(_l("Supplier"), [filled(), longest(LONGEST_NAME)])
    category_id = SelectField(_l("Category"), [filled()], validate_choice=False)
    price = StringField(_l("Price"), [filled(), Amount()])


class Restock(Form):
    delta = StringField(_l("Units to add"), [WholeNumber(-MOST_UNITS, MOST_UNITS)])
    reason = StringField(_l("Reason"), [filled(), longest(LONGEST_REASON)])


class Category(Edit):
    name = StringField(_l("Name"), [filled(), longest(LONGEST_NAME)])


class CreditChange(Form):
    amount = StringField(_l("Amount to add"), [filled(), Amount()])
    reason = StringField(_l("Reason"), [filled(), longest(LONGEST_REASON)], id="change-reason")


class Credit(Form):
    """Orders change the credit without an edit, so there is no version: the amount that was seen stands for it."""

    credit = StringField(_l("Available credit"), [filled(), Amount()])
    reason = StringField(_l("Reason"), [filled(), longest(LONGEST_REASON)])
    expected = HiddenField(validators=[filled()])

    @property
    def has_moved(self) -> bool:
        """Whether the credit is not what was seen, or it is not known what was seen."""
        return self.refusal == "credit-moved" or not text_of(self.expected)

    def merge(self, credit: str) -> None:
        """Stand for this amount, which the credit is by now."""
        tell(self.credit, shown(credit), typed=True)
        self.expected.data = credit


def text_of(field: Any) -> str:
    return str(field.data or "").strip()


def amount_of(field: Any, currency: str) -> dict[str, str]:
    """Money as the gateway takes it, of a field that `Amount` has found right."""
    return {"amount": plain(text_of(field)), "currency": currency}


def sent(form: Form, method: str, path: str, body: Any = None) -> Json | None:
    """What the gateway answers to what was filled in; None where it refuses, and the form says why.

    Raises:
        Problem: it has nothing to do with what was typed.
        GatewayUnavailable.
    """
    version = form.seen_version if isinstance(form, Versioned) else None
    try:
        answer: Json | None = send(form, method, path, body, version=version)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        form.take(problem, AMOUNTS)
        return None
    return answer or {}
