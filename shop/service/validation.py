"""Value checks shared by the gateway and the services: the shape of texts, usernames and amounts.

Shape only; the services' domains check the meaning. Accepted values are safe in a log line, SQL, JSON and a PDF, and
have no hidden characters: see `shop.text.characters`.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from shop.contracts.errors import InvalidRequest
from shop.contracts.money import DECIMALS, MAX_AMOUNT, Money
from shop.contracts.views import MoneyView
from shop.text.characters import CONTROLS, code_of, has_controls, is_visible, tidy, unfit

USERNAME = r"[A-Za-z0-9][A-Za-z0-9._-]{2,31}"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128
LONGEST_NAME, LONGEST_EMAIL, LONGEST_REASON, LONGEST_DESCRIPTION = 120, 254, 200, 5_000
MOST_UNITS = 1_000_000_000
"""Upper limit of a stock and of a change of one: it fits any database's integer."""

_UNSEEN = re.compile(f"[{CONTROLS}]")
_CANONICAL_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def check(schema: Schema, values: Mapping[str, Any], *, partial: bool | None = None) -> dict[str, Any]:
    """The values as loaded by the schema; unknown fields are refused.

    Args:
        partial: required fields may be missing (an edit); by default, the schema's own setting.

    Raises:
        InvalidRequest: messages by field; nested fields as `address.street`, `lines.0.quantity`.
    """
    try:
        return cast("dict[str, Any]", schema.load(values, partial=partial))
    except ValidationError as error:
        raise InvalidRequest(flat(error.messages_dict)) from error


def flat(messages: Mapping[Any, Any], prefix: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as one level, `{"address.street": ["…"]}`."""
    errors: dict[str, list[str]] = {}
    for name, found in messages.items():
        field = f"{prefix}{_printable(str(name))}"
        if isinstance(found, Mapping):
            errors |= flat(found, f"{field}.")
        else:
            errors[field.removesuffix("._schema")] = [str(message) for message in found]
    return errors


def require_currency(field: str, money: Money, currency: str) -> None:
    """Raises: InvalidRequest, if the amount is not in the shop's currency."""
    if money.currency != currency:
        raise InvalidRequest({field: [f"Currency must be {currency}."]})


def checked_key(key: str | None) -> str | None:
    """A client's Idempotency-Key, if any. Raises: InvalidRequest, unless it has 1 to 255 characters."""
    return key if key is None else cast("str", check(_Key(), {"Idempotency-Key": key})["key"])


class Text(fields.String):
    """Visible text in normal form (NFC), stripped.

    Args:
        longest: characters.
        multiline: line breaks and tabs are allowed; line ends become newlines.
        blank: the text may be empty.
    """

    default_error_messages = {
        "unseen": "Must not contain control characters.",
        "unfit": "Must not contain {code}, which cannot be displayed.",
        "blank": "Must not be blank.",
    }

    def __init__(self, longest: int, *, multiline: bool = False, blank: bool = False, **options: Any) -> None:
        self.longest, self.multiline, self.blank = longest, multiline, blank
        more = options.pop("validate", ())
        super().__init__(validate=[validate.Length(min=0 if blank else 1, max=longest), *more], **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        text = tidy(value.replace("\r\n", "\n") if self.multiline else value)
        if has_controls(text, layout=self.multiline):
            raise self.make_error("unseen")
        if len(text) <= self.longest and (letter := unfit(text)):
            raise self.make_error("unfit", code=code_of(letter))
        if not self.blank and not is_visible(text):
            raise self.make_error("blank")
        return text


class Email(Text):
    """An email address, checked by its form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(LONGEST_EMAIL, validate=[validate.Email()], **options)


class Username(fields.String):
    """3 to 32 letters, digits, dots, hyphens and underscores; the first is a letter or digit. Spelling is kept."""

    def __init__(self, **options: Any) -> None:
        message = "Must be 3 to 32 letters, digits, dots, hyphens and underscores, starting with a letter or digit."
        pattern = validate.Regexp(re.compile(rf"\A{USERNAME}\Z", re.ASCII), error=message)
        super().__init__(validate=[pattern], **options)


class Secret(fields.String):
    """A password as typed: not stripped; equivalent spellings are normalised (NFC, RFC 8265)."""

    default_error_messages = {"unseen": "Must not contain control characters."}

    def __init__(self, *, shortest: int = 0, **options: Any) -> None:
        super().__init__(validate=[validate.Length(min=shortest, max=LONGEST_PASSWORD)], load_only=True, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if _UNSEEN.search(value):
            raise self.make_error("unseen")
        return unicodedata.normalize("NFC", value) if len(value) <= LONGEST_PASSWORD else value


class Password(Secret):
    """A new password."""

    def __init__(self, **options: Any) -> None:
        super().__init__(shortest=SHORTEST_PASSWORD, **options)


class WholeNumber(fields.Integer):
    """A JSON integer within bounds: no booleans, no floats, no text."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(strict=True, validate=[validate.Range(min=least, max=most)], **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Id(fields.UUID):
    """A UUID in its usual form with hyphens."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> UUID:
        if not isinstance(value, str) or not _CANONICAL_ID.fullmatch(value):
            raise self.make_error("invalid_uuid")
        return UUID(value)


class MoneyWire(fields.Field[Money]):
    """Money in the RPC form, `{"amount": 1998, "currency": "EUR"}`.

    Args:
        least: the smallest amount, in minor units.
    """

    default_error_messages = {
        "invalid": "Must be an amount of money.",
        "currency": "Unknown currency.",
        "small": "Must be at least {least}.",
        "large": "Must be at most {most}.",
    }

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        self.least = least
        super().__init__(**options)

    def _serialize(self, value: Money | None, *_: Any, **__: Any) -> MoneyView | None:
        return None if value is None else value.dump()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Money:
        if not isinstance(value, Mapping) or set(value) != {"amount", "currency"} or type(value["amount"]) is not int:
            raise self.make_error("invalid")
        amount, currency = value["amount"], value["currency"]
        if not isinstance(currency, str) or currency not in DECIMALS:
            raise self.make_error("currency")
        if amount < self.least:
            raise self.make_error("small", least=Money(self.least, currency).text)
        if amount > MAX_AMOUNT:
            raise self.make_error("large", most=Money(MAX_AMOUNT, currency).text)
        return Money(amount, currency)


class AddressFields(Schema):
    """The address for deliveries and invoices."""

    street = Text(LONGEST_NAME, required=True)
    city = Text(LONGEST_NAME, required=True)
    postcode = Text(16, required=True)
    country = fields.String(
        required=True,
        validate=validate.Regexp(r"\A[A-Z]{2}\Z", error="Must be an ISO 3166-1 alpha-2 country code such as DE."),
    )


class _Key(Schema):
    key = Text(255, required=True, data_key="Idempotency-Key")


def _printable(name: str) -> str:
    """A client's field name, safe to be sent back."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", name[:100])
