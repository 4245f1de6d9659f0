"""All settings: their defaults, their checks, and their typed values for the services.

The configuration is Nameko's own (a dict, from `config.yaml` or from `shop run`). Each value can also be set by an
environment variable of the same name, with `SHOP_` before the keys of the part `SHOP`.
"""

import difflib
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from nameko.exceptions import ConfigurationError
from nameko.extensions import DependencyProvider

from shop.contracts import deadlines
from shop.contracts.errors import ShopError
from shop.contracts.events import Seller
from shop.contracts.money import DECIMALS, PLAIN_NUMBER, Money
from shop.http.endpoint import Endpoint
from shop.http.proxies import LOOPBACK, Proxies

DEFAULTS: Mapping[str, Any] = {
    "GATEWAY_ADDRESS": "127.0.0.1:8000",
    "STOREFRONT_ADDRESS": "127.0.0.1:8001",
    "BACKOFFICE_ADDRESS": "127.0.0.1:8002",
    "TRUSTED_PROXIES": LOOPBACK,
    "max_workers": 50,
    "SHOP": {
        "currency": "EUR",
        "opening_credit": "100.00",
        "order_timeout_seconds": 30,
        "rpc_timeout_seconds": deadlines.RPC,
        "session_hours": 24,
        "tax_percent": "19",
        "log_in_tries": 10,
        "manager_username": "",
        "await_seed": False,
        "seller": {
            "name": "Nameko Shop",
            "address": "1 Market Square, 10115 Berlin, DE",
            "tax_id": "DE000000000",
        },
    },
}
"""All default values of the configuration."""

YES_AND_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

BRIEF = reprlib.Repr()
"""Shortens wrong values in messages."""
BRIEF.maxstring = 60

PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?", re.ASCII)


class ConfigError(ShopError, ConfigurationError):
    """The configuration is not right.

    Args:
        problems: one sentence for each, naming the key. Nameko's own command prints them without a traceback.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(*problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The shop's settings. Times in seconds unless the name states another unit.

    Args:
        opening_credit: a new customer's credit.
        order_timeout: longest wait of an order for the reservation results of stock and credit.
        rpc_timeout: timeout of a call to another service.
        session_hours: lifetime of a session.
        tax_percent: included in all prices; a decimal number as text.
        log_in_tries: failed logins allowed for a username (or a client) in 15 minutes.
        await_seed: the shop is not ready before its log is seeded; implied by a first manager in the settings.
        seller: the shop's name and address on invoices.
        proxies: trusted proxies of gateway and websites.
    """

    currency: str
    opening_credit: Money
    order_timeout: float
    rpc_timeout: float
    session_hours: int
    tax_percent: str
    log_in_tries: int
    await_seed: bool
    seller: Seller
    gateway: Endpoint
    storefront: Endpoint
    backoffice: Endpoint
    proxies: Proxies

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """Read and check Nameko's configuration, once; missing values are those of DEFAULTS.

        Raises:
            ConfigError: lists all problems.
        """
        # Cached by identity, for frequent calls; the configuration stays referenced, so its id is not reused.
        known, settings = _READ.get(id(config), (None, None))
        if known is not config or type(settings) is not cls:
            settings = cls._read(config)
            _READ[id(config)] = (config, settings)
        return settings

    @classmethod
    def _read(cls, config: Mapping[str, Any]) -> Self:
        top = _Part("", config, DEFAULTS)
        shop = _Part("SHOP.", top.mapping("SHOP"), DEFAULTS["SHOP"], top.problems)
        seller = _Part("SHOP.seller.", shop.mapping("seller"), DEFAULTS["SHOP"]["seller"], top.problems)
        top.whole_number("max_workers", 1, 1000)
        shop.refuse_unknown()
        seller.refuse_unknown()
        currency = shop.currency("currency")
        named = shop.text_or_none("manager_username") is not None
        settings = cls(
            currency=currency,
            opening_credit=shop.money("opening_credit", currency),
            order_timeout=shop.number("order_timeout_seconds", 0.1, 86_400),
            rpc_timeout=shop.number("rpc_timeout_seconds", 0.1, 60),
            session_hours=shop.whole_number("session_hours", 1, 8_760),
            tax_percent=shop.percent("tax_percent"),
            log_in_tries=shop.whole_number("log_in_tries", 1, 1_000),
            await_seed=shop.yes_or_no("await_seed") or named,
            seller=Seller(name=seller.text("name"), address=seller.text("address"), tax_id=seller.text("tax_id")),
            gateway=top.endpoint("GATEWAY_ADDRESS"),
            storefront=top.endpoint("STOREFRONT_ADDRESS"),
            backoffice=top.endpoint("BACKOFFICE_ADDRESS"),
            proxies=top.proxies("TRUSTED_PROXIES"),
        )
        if top.problems:
            raise ConfigError(*top.problems)
        return settings


_READ: dict[int, tuple[Mapping[str, Any], Settings]] = {}


def required(config: Mapping[str, Any], *path: str) -> str:
    """A text without a default, such as `required(config, "DB_URIS", "products:ReadModel")`.

    Raises:
        ConfigError: the value is missing, or not a text.
    """
    value: Any = config
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{' / '.join(path)} is missing in the configuration.")
    return value


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Variables such as GATEWAY_ADDRESS and SHOP_SESSION_HOURS, for the keys of DEFAULTS. Empty ones are unset."""
    return _pick("", DEFAULTS, environ)


class ShopSettings(DependencyProvider):
    """Dependency provider of the `Settings`."""

    def setup(self) -> None:
        self.settings = Settings.of(self.container.config)

    def get_dependency(self, worker_ctx: object) -> Settings:  # noqa: ARG002 - Nameko's signature
        return self.settings


def _pick(prefix: str, wanted: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, default in wanted.items():
        name = f"{prefix}{key}".upper()
        value = _pick(f"{name}_", default, environ) if isinstance(default, Mapping) else environ.get(name)
        if value:
            found[key] = value
    return found


class _Part:
    """One level of the configuration. Its methods return checked values, or record a problem and return the default."""

    def __init__(
        self,
        prefix: str,
        values: Mapping[str, Any],
        defaults: Mapping[str, Any],
        problems: list[str] | None = None,
    ) -> None:
        self.prefix, self.values, self.defaults = prefix, values, defaults
        self.problems: list[str] = [] if problems is None else problems

    def refuse_unknown(self) -> None:
        for key in self.values:
            if key not in self.defaults:
                near = difflib.get_close_matches(str(key), self.defaults, n=1)
                hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(self.defaults)}."
                self.problems.append(f"{self.prefix}{key} is not a setting.{hint}")

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.values.get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self._refuse(key, "a group of settings", value)
        return {}

    def text(self, key: str) -> str:
        value = self._value(key)
        text = value.strip() if isinstance(value, str) else ""
        if not 0 < len(text) <= 200 or not text.isprintable():
            return str(self._refuse(key, "a text of 1 to 200 characters", value))
        return text

    def text_or_none(self, key: str) -> str | None:
        """None for no value and for an empty text, as config.yaml has it for an unset variable."""
        return None if self._value(key) == "" else self.text(key)

    def yes_or_no(self, key: str) -> bool:
        value = self._value(key)
        answer = YES_AND_NO.get(str(value).strip().lower())
        return bool(self._refuse(key, "yes or no", value)) if answer is None else answer

    def currency(self, key: str) -> str:
        value = self._value(key)
        if value not in tuple(DECIMALS):
            return str(self._refuse(key, f"one of {', '.join(DECIMALS)}", value))
        return str(value)

    def money(self, key: str, currency: str) -> Money:
        value = self._value(key)
        try:
            amount = Money.parse(_number_text(value), currency)
        except ValueError:
            amount = None
        if amount is None or amount.amount < 0:
            self._refuse(key, f"an amount such as {Money(10_000, currency).text}", value)
            return Money(0, currency)
        return amount

    def number(self, key: str, low: float, high: float) -> float:
        value = self._value(key)
        text = _number_text(value)
        if not (PLAIN_NUMBER.fullmatch(text) and Decimal(str(low)) <= Decimal(text) <= high):
            return float(self._refuse(key, f"a number from {low:g} to {high:,}", value))
        return float(text)

    def whole_number(self, key: str, low: int, high: int) -> int:
        value = self._value(key)
        text = _number_text(value)
        if not (re.fullmatch("[0-9]{1,9}", text, re.ASCII) and low <= int(text) <= high):
            return int(self._refuse(key, f"a whole number from {low} to {high:,}", value))
        return int(text)

    def percent(self, key: str) -> str:
        value = self._value(key)
        text = _number_text(value)
        if not PERCENT.fullmatch(text) or Decimal(text) > 100:
            return str(self._refuse(key, "a number from 0 to 100, such as 19 or 7.7", value))
        return text

    def endpoint(self, key: str) -> Endpoint:
        value = self._value(key)
        try:
            return Endpoint.parse(value if isinstance(value, str) else "")
        except ValueError:
            return Endpoint.parse(self._refuse(key, "host:port, such as 127.0.0.1:8000", value))

    def proxies(self, key: str) -> Proxies:
        value = self._value(key)
        try:
            return Proxies.parse(value if isinstance(value, str) else "?")
        except ValueError:
            return Proxies.parse(self._refuse(key, "networks, such as 127.0.0.0/8 ::1/128", value))

    def _value(self, key: str) -> Any:
        value = self.values.get(key)
        return self.defaults[key] if value is None else value

    def _refuse(self, key: str, wanted: str, value: object) -> Any:
        self.problems.append(f"{self.prefix}{key} must be {wanted}, not {BRIEF.repr(value)}.")
        return self.defaults[key]


def _number_text(value: object) -> str:
    """A number as written; empty for anything but a number or a text. YAML makes floats of `100.00`."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
