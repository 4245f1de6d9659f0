"""Fields of HTTP only: amounts of money as text, and values in query strings. They load into the RPC form."""

import re
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shop.contracts.codec import dump_time
from shop.contracts.money import DECIMALS, Money
from shop.contracts.views import MoneyView
from shop.service import validation as shop_fields

DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)


class Body(Schema):
    """The JSON object of a request.

    Args:
        currency: of the shop; amounts in another are refused.
    """

    class Meta:
        unknown = RAISE

    def __init__(self, *, currency: str = "EUR", **options: Any) -> None:
        self.currency = currency
        super().__init__(**options)


class Query(Schema):
    """The query string of a request; all values are text."""

    class Meta:
        unknown = RAISE


class MoneyText(Schema):
    """An amount of money."""

    amount = fields.String(required=True)
    currency = fields.String(required=True)


class PriceText(MoneyText):
    """An amount of money that is not negative."""


class AmountText(fields.Nested):
    """Money as text, `{"amount": "19.98", "currency": "EUR"}`, in a `Body`; loads into the RPC form, in minor units.

    Args:
        least: in minor units; None to allow negative amounts.
    """

    def __init__(self, *, least: int | None = 0, **options: Any) -> None:
        self.least = least
        super().__init__(MoneyText if least is None else PriceText, **options)

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> MoneyView:
        parts = super()._deserialize(value, *args, **options)
        currency = cast(Body, self.root).currency
        if parts["currency"] != currency:
            raise ValidationError({"currency": [f"Currency must be {currency}."]})
        return self._money(parts["amount"], currency).dump()

    def _money(self, text: str, currency: str) -> Money:
        decimals = DECIMALS[currency]
        if len(text.partition(".")[2]) > decimals:
            raise ValidationError({"amount": [f"Must have at most {decimals} decimal places."]})
        try:
            money = Money.parse(text, currency)
        except ValueError as error:
            raise ValidationError({"amount": [str(error)]}) from error
        if self.least is not None and money.amount < self.least:
            raise ValidationError({"amount": [f"Must be at least {Money(self.least, currency).text}."]})
        return money


class UuidText(shop_fields.Id):
    """A UUID, as text."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:  # type: ignore[override]
        return str(super()._deserialize(value, *args, **options))


class Digits(fields.Integer):
    """An integer in a query string."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self._message = f"Must be an integer from {least} to {most}."
        super().__init__(validate=validate.Range(least, most, error=self._message), **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not DIGITS.fullmatch(value):
            raise ValidationError(self._message)
        return int(value)


class Time(fields.AwareDateTime):
    """A time with its zone, in ISO 8601; loads as text, in UTC."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:  # type: ignore[override]
        try:
            return dump_time(super()._deserialize(value, *args, **options))
        except OverflowError as error:  # out of range in UTC
            raise self.make_error("invalid", input=value, obj_type="datetime") from error


class Flag(fields.Boolean):
    """`true` or `false` in a query string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(truthy={"true"}, falsy={"false"}, **options)
