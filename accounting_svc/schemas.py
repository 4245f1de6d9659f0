"""Schemas of the accounting service's arguments."""

import re

from marshmallow import Schema

from shop.service.validation import WholeNumber

INVOICE_NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,12}", re.ASCII)


class YearFields(Schema):
    """A year of the calendar."""

    year = WholeNumber(1, 9_999, required=True)


class InvoicesQuery(Schema):
    """A query for invoices."""

    year = WholeNumber(1, 9_999, allow_none=True)
    limit = WholeNumber(1, 100)


def is_invoice_number(text: object) -> bool:
    """Whether the text has the form of an invoice number, such as `2026-000123`."""
    return isinstance(text, str) and bool(INVOICE_NUMBER.fullmatch(text))
