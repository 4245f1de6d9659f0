"""Parses amounts of money in any notation: with a decimal comma or point, and with grouped digits.

The page's language decides about ambiguous texts: "1.234" is 1234 in German, and 1.234 in English.
"""

import re
import unicodedata
from decimal import Decimal

from babel import Locale
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import ValidationError

AS_KEYBOARDS_HAVE_THEM = str.maketrans(
    "\u2212\uff0d\uff0b\uff0c\uff0e\u2018\u2019\u02bc\u2032\u00a0\u2009\u202f\u3000", "--+,.''''    "
)
GROUPED = re.compile(r"[0-9]+|[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*")
LONGEST = 12
ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


class Amount:
    """Form validator for an amount of money in any notation. The gateway checks its range."""

    def __call__(self, form: FlaskForm, field: Field) -> None:  # noqa: ARG002 - the signature of WTForms
        try:
            plain(str(field.data or ""))
        except ValueError:
            raise ValidationError(_("Enter an amount such as %(example)s.", example=example(2))) from None


def plain(text: str) -> str:
    """The amount in the gateway's notation: `1.234,56`, `1 234,56`, `1,234.56` and `1'234.56` are all `1234.56`.

    Raises:
        ValueError: the text is not an amount.
    """
    digits = "".join(map(_digit, text)).translate(AS_KEYBOARDS_HAVE_THEM).strip()
    sign, digits = ("-" if digits.startswith("-") else ""), digits[1:] if digits[:1] in ("+", "-") else digits
    mark = _decimal_mark(digits)
    whole, _mark, decimals = digits.partition(mark) if mark else (digits, "", "")
    grouped = GROUPED.fullmatch(whole)
    if not grouped or grouped[1] == mark or not (decimals.isdecimal() or not mark):
        raise ValueError(f"not an amount: {text!r}")
    number = re.sub("[^0-9]", "", whole) + (f".{decimals}" if mark else "")
    return f"{sign}{number}" if number.strip("0.") else number


def whole_number(text: str) -> int:
    """The number, in the same notations. Raises: ValueError, for no number or a very long one."""
    digits = plain(text)
    if len(digits) > LONGEST:
        raise ValueError(f"too long for a number: {len(digits)} characters")
    return int(digits)


def shown(amount: str) -> str:
    """An amount from the gateway, such as 1234.56, in the page's notation for a form field."""
    return amount.replace(".", get_decimal_symbol(_locale()))


def example(decimals: int) -> str:
    """An amount in the page's notation, such as 1,234.56."""
    return format_decimal(Decimal(123_456).scaleb(-decimals), locale=_locale())


def _decimal_mark(digits: str) -> str:
    """The decimal separator; empty without decimals."""
    marks = re.findall("[.,]", digits)
    if not marks or (len(marks) > 1 and len(set(marks)) == 1):
        return ""
    if len(marks) == 1 and marks[0] == get_group_symbol(_locale()) and ONE_GROUP.fullmatch(digits):
        return ""
    return str(marks[-1])


def _digit(letter: str) -> str:
    """ASCII digit of a digit in any script."""
    return str(unicodedata.decimal(letter, letter))


def _locale() -> Locale:
    return get_locale() or Locale("en", "GB")
