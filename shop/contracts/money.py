"""Money: whole minor units and a currency. No floats anywhere."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from shop.contracts.views import MoneyView

MAX_AMOUNT = 999_999_999
"""The largest amount in minor units: 9,999,999.99 of a currency with two decimals."""

DECIMALS = {"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "NOK": 2, "DKK": 2, "PLN": 2, "CZK": 2, "JPY": 0}
"""Digits after the decimal point by ISO 4217 code: the currencies a shop can be run in."""


PLAIN_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency. Differences may be negative.

    Raises:
        TypeError: the amount is not a whole number.
        ValueError: the currency is unknown.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"an amount is a whole number of minor units, not {self.amount!r}")
        if self.currency not in DECIMALS:
            raise ValueError(f"unknown currency {self.currency!r}")

    @classmethod
    def load(cls, wire: Mapping[str, object]) -> Self:
        """From the form of events and RPC: `{"amount": 1998, "currency": "EUR"}`."""
        return cls(wire["amount"], wire["currency"])  # type: ignore[arg-type]  # checked by __post_init__

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """From the HTTP form, `"19.98"`: at most the currency's decimals, no exponent, at most MAX_AMOUNT.

        Raises:
            ValueError: not such a number.
        """
        decimals = DECIMALS[currency]
        if not PLAIN_NUMBER.fullmatch(text):
            raise ValueError(f'Must be a decimal amount such as "{cls(1998, currency).text}".')
        value = Decimal(text).scaleb(decimals)
        if value != value.to_integral_value():
            raise ValueError(f"Must have at most {decimals} decimal places.")
        if abs(value) > MAX_AMOUNT:
            raise ValueError(f"Must be at most {cls(MAX_AMOUNT, currency).text}.")
        return cls(int(value), currency)

    def dump(self) -> MoneyView:
        """The form of events and RPC."""
        return {"amount": self.amount, "currency": self.currency}

    @property
    def text(self) -> str:
        """The HTTP form of the amount: `"19.98"`, with the currency's decimals."""
        decimals = DECIMALS[self.currency]
        return f"{Decimal(self.amount).scaleb(-decimals):.{decimals}f}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other).amount

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other).amount

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other).amount

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other


def zero(currency: str) -> Money:
    """Nothing, in this currency."""
    return Money(0, currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of the amounts; zero of the currency when there are none."""
    return sum(amounts, start=zero(currency))
