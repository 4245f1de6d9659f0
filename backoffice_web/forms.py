"""Forms for managers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from shop.http.client import Json, Problem
from shop.web.amounts import Amount, plain, shown
from shop.web.edits import Edit, Versioned, tell
from shop.web.forms import Form, WholeNumberField, filled, longest, send

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_REASON = 120, 5_000, 200
MOST_UNITS = 1_000_000

AMOUNTS = {"price.amount": "price", "credit.amount": "credit"}
"""Names of our fields by the gateway's, where they differ."""


class NewProduct(Form):
    name = StringField(_l("Name"), [filled(), longest(LONGEST_NAME)])
    description = TextAreaField(_l("Description"), [longest(LONGEST_DESCRIPTION)])
    supplier = StringField(_l("Supplier"), [filled(), longest(LONGEST_NAME)])
    category_id = SelectField(_l("Category"), [filled()], validate_choice=False)
    price = StringField(_l("Price"), [filled(), Amount()])
    units_in_stock = StringField(_l("Units in stock"), [WholeNumberField(0, MOST_UNITS)])


class Product(Edit):
    name = StringField(_l("Name"), [filled(), longest(LONGEST_NAME)])
    description = TextAreaField(_l("Description"), [longest(LONGEST_DESCRIPTION)])
    supplier = StringField(_l("Supplier"), [filled(), longest(LONGEST_NAME)])
    category_id = SelectField(_l("Category"), [filled()], validate_choice=False)
    price = StringField(_l("Price"), [filled(), Amount()])


class Restock(Form):
    delta = StringField(_l("Stock adjustment"), [WholeNumberField(-MOST_UNITS, MOST_UNITS)])
    reason = StringField(_l("Reason"), [filled(), longest(LONGEST_REASON)])


class Category(Edit):
    name = StringField(_l("Name"), [filled(), longest(LONGEST_NAME)])


class CreditChange(Form):
    amount = StringField(_l("Amount"), [filled(), Amount()])
    reason = StringField(_l("Reason"), [filled(), longest(LONGEST_REASON)], id="change-reason")


class Credit(Form):
    """Orders change the credit without an edit, so there is no version: the amount shown takes its role."""

    credit = StringField(_l("Available credit"), [filled(), Amount()])
    reason = StringField(_l("Reason"), [filled(), longest(LONGEST_REASON)])
    expected = HiddenField(validators=[filled()])

    @property
    def has_moved(self) -> bool:
        """Whether the credit differs from the amount shown, or that is not known."""
        return self.refusal == "credit-moved" or not text_of(self.expected)

    def merge(self, credit: str) -> None:
        """Take over this amount, the present credit."""
        tell(self.credit, shown(credit), typed=True)
        self.expected.data = credit


def text_of(field: Any) -> str:
    return str(field.data or "").strip()


def amount_of(field: Any, currency: str) -> dict[str, str]:
    """The gateway's form of the money in a field that `Amount` has validated."""
    return {"amount": plain(text_of(field)), "currency": currency}


def sent(form: Form, method: str, path: str, body: Any = None) -> Json | None:
    """The gateway's answer to the form; None if it refused, with the reason in the form.

    Raises:
        Problem: a refusal that does not concern the form's values.
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
