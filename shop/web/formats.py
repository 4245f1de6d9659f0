"""Formats prices, dates and names in the visitor's language."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask, request, session
from flask_babel import Babel, get_locale

from shop.text.matching import sort_key

LANGUAGES = {"en": "en_GB", "de": "de_DE"}
"""Locales by the language code in the session."""

LANGUAGE = "language"
ZONE_COOKIE = "timezone"
"""Set by the browser's script; without it, times are in UTC and say so."""

MOST_MILLISECONDS = 10_000
"""Longer durations are shown in seconds, minutes and so on."""

MOST_SECONDS = 120
"""Longer durations are told in minutes."""

NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
"""Groups of countries, and codes for tests (Unicode CLDR)."""


def speak(site: Flask, translations: str) -> None:
    """Set up language, time zone and the templates' filters.

    Args:
        translations: folders with message catalogues, separated by semicolons.
    """
    Babel(site, default_locale="en_GB", default_translation_directories=translations, locale_selector=_locale_name)
    filters = (country, day, duration, for_input, millisecond, minute, moment, money, number, percent)
    site.jinja_env.filters.update({filter_.__name__: filter_ for filter_ in filters})
    site.jinja_env.globals.update(language=language, languages=LANGUAGES, language_name=language_name)
    site.jinja_env.globals.update(zone_name=zone_name)


def language() -> str:
    """The visitor's language: as chosen on the site, or else the browser's best match."""
    chosen = session.get(LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((tag for tag in wanted if tag in LANGUAGES), "en")


def language_name(code: str) -> str:
    """The language's name in itself."""
    name = Locale.parse(LANGUAGES[code]).language_name or code
    return name[:1].upper() + name[1:]


def money(amount: Mapping[str, str]) -> str:
    """`{"amount": "19.98", "currency": "EUR"}` as €19.98 or 19,98 €."""
    return format_currency(Decimal(amount["amount"]), amount["currency"], locale=_locale())


def number(value: float | Decimal) -> str:
    return format_decimal(value, locale=_locale())


def duration(milliseconds: int) -> str:
    """A duration in a suitable unit: 1,225 ms, 45 secs, 3 days."""
    if milliseconds < MOST_MILLISECONDS:
        return f"{number(milliseconds)} ms"
    return format_timedelta(timedelta(milliseconds=milliseconds), format="short", threshold=1, locale=_locale())


def wait(seconds: int) -> str:
    """How long to wait, never less than that: 90 seconds, 15 minutes."""
    whole = seconds if seconds <= MOST_SECONDS else ceil(seconds / 60) * 60
    return format_timedelta(timedelta(seconds=whole), threshold=MOST_SECONDS / 60, locale=_locale())


def percent(rate: str | float) -> str:
    """A rate in percent, such as "7.7", as 7.7% or 7,7 %."""
    return format_percent(Decimal(str(rate)) / 100, "#,##0.###%" if language() == "en" else None, locale=_locale())


def day(instant: str) -> str:
    """The day of an ISO 8601 time, such as 23 Nov 2026."""
    return format_date(_local(instant), "medium", locale=_locale())


def minute(instant: str) -> str:
    """The time of day of an ISO 8601 time, such as 09:30."""
    zone = _zone()
    text = format_time(_local(instant), "short", tzinfo=zone, locale=_locale())
    return f"{text} UTC" if zone is UTC else text


def moment(instant: str) -> str:
    """Day and time of an ISO 8601 time, such as 23 Nov 2026, 09:30."""
    return f"{day(instant)}, {minute(instant)}"


def millisecond(instant: str) -> str:
    """The time of day of an ISO 8601 time, to the millisecond, such as 09:30:00.123."""
    text = _local(instant).strftime("%H:%M:%S.%f")[:-3]
    return f"{text} UTC" if _zone() is UTC else text


def for_input(instant: str) -> str:
    """An ISO 8601 time in the format of datetime-local inputs, such as 2026-11-23T09:30."""
    return _local(instant).strftime("%Y-%m-%dT%H:%M")


def instant_of(local: str) -> str:
    """A time from a datetime-local input in ISO 8601, UTC; empty if invalid. Includes the whole minute or second."""
    try:
        begins = datetime.fromisoformat(local)
    except ValueError:
        return ""
    if begins.tzinfo or "T" not in local or not 1970 <= begins.year <= 9000:
        return ""
    lasts = timedelta(seconds=1) if local.count(":") > 1 else timedelta(minutes=1)
    ends = begins.replace(tzinfo=_zone(), microsecond=0) + lasts - timedelta(milliseconds=1)
    return _in_utc(ends)


def zone_name() -> str:
    """Name of the displayed time zone, such as Europe/Berlin."""
    return str(_zone())


def countries() -> list[tuple[str, str]]:
    """Codes (ISO 3166-1) and names of all countries, by name."""
    return list(_countries(_locale()))


@lru_cache(len(LANGUAGES))
def _countries(locale: Locale) -> list[tuple[str, str]]:
    named = [(code, name) for code, name in locale.territories.items() if len(code) == 2 and code.isalpha()]
    return sorted((one for one in named if one[0] not in NO_COUNTRIES), key=lambda one: sort_key(one[1]))


def country(code: str) -> str:
    """The name of a country; the code, if unknown."""
    name: str = _locale().territories.get(code, code)
    return name


def _locale_name() -> str:
    return LANGUAGES[language()]


def _locale() -> Locale:
    return get_locale() or Locale("en", "GB")


def _local(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(_zone())


def _zone() -> tzinfo:
    wanted = request.cookies.get(ZONE_COOKIE, "")
    if not wanted or len(wanted) > 64:
        return UTC
    try:
        return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def today() -> date:
    """The date in the visitor's time zone."""
    return datetime.now(_zone()).date()


def beginning_of(day: date) -> str:
    """Midnight in the visitor's time zone, ISO 8601 in UTC."""
    return _in_utc(datetime.combine(day, time(), _zone()))


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
