"""Checks that this version of the shop, as configured, can use an existing log."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from event_store_svc.store import Commits
from shop.service.settings import ConfigError

FORM = 3
"""Format version of the logs that this version writes; stored in each log.

Incremented with every change that an earlier version would not understand: a new event type, other tables.

1: SQL tables in which commands were sorted by kind. Not stored in the log.
2: without ClockRepaired; times never went backwards.
"""

COMMITS_AT_ONCE = 100
BYTES_AT_ONCE = 256 * 1024


class LaterForm(Exception):
    """The log's form is later than this version's."""

    def __init__(self, form: int) -> None:
        self.form = form
        super().__init__(form)


def later_version(error: LaterForm, url: str) -> ConfigError:
    """The error for a log of a later version."""
    return ConfigError(
        f"The log in {place_of(url)} was written by a later version of the shop (form {error.form}; this one knows "
        f"forms up to {FORM}): run that version, or choose another log, with --data or LOG_URL."
    )


def require_currency(commits: Commits, currency: str, url: str) -> None:
    """Raises: ConfigError, if the amounts in the log are in another currency."""
    kept = currency_in(commits)
    if kept not in (None, currency):
        raise ConfigError(
            f"SHOP.currency is {currency}, but the log in {place_of(url)} is that of a shop in {kept}: set "
            f"SHOP_CURRENCY={kept}, or choose another log for a shop in {currency}, with --data or LOG_URL."
        )


def currency_in(commits: Commits) -> str | None:
    """Currency of the log's first amount; None without any. The first customer or product has one."""
    position = 0
    while links := commits.read(position, limit=COMMITS_AT_ONCE, budget=BYTES_AT_ONCE):
        for link in links:
            for event in link.commit["events"]:
                if found := next(_currencies(event["data"]), None):
                    return found
        position = links[-1].commit["position"]
    return None


def place_of(url: str) -> str:
    """Location of a database without secrets: a file's path, or an address without user and password."""
    parts = urlsplit(url)
    if parts.scheme.startswith("sqlite"):
        return parts.path.removeprefix("/")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _currencies(data: Any) -> Iterator[str]:
    """Currencies of all amounts in an event's data."""
    if isinstance(data, dict):
        if data.keys() == {"amount", "currency"}:
            yield data["currency"]
        for value in data.values():
            yield from _currencies(value)
    elif isinstance(data, list):
        for value in data:
            yield from _currencies(value)
