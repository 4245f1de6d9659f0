"""Options of `shop load`. The generator itself needs green threads, and is imported when it runs."""

import math
from typing import Any
from urllib.parse import urlsplit

import click

from shop_cli.refusal import Refusal


class Within(click.FloatRange):
    """A number within bounds. Click's own range accepts NaN, which compares as within any bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Of the shop's HTTP API.")
@click.option("--rate", type=Within(0.1, 10_000), default=50.0, show_default=True, help="Orders per second.")
@click.option("--minutes", type=Within(0.01, 1_440), default=5.0, show_default=True)
@click.option("--customers", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Registered for this.")
@click.option("--manager", metavar="NAME", help="Who sees to it that neither stock nor credit run out.")
def load(url: str, *, rate: float, minutes: float, customers: int, manager: str | None) -> None:
    """Place orders at a fixed rate, and tell how long they take.

    It needs a shop with products, and leaves customers and orders behind. Without --manager, orders are rejected when
    stock or the customers' credit have run out; they cost the shop as much. The manager's password is asked for, unless
    it is in SHOP_LOAD_PASSWORD.
    """
    if not _host_of(url):
        raise Refusal(f"{url} is not an address such as http://127.0.0.1:8000.")
    from tools.load.measuring import measure

    measure(url, rate=rate, minutes=minutes, customers=customers, manager=manager)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # an invalid IPv6 address
        return ""
