"""Measures orders at a fixed rate."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import eventlet
from rich.console import Console
from rich.live import Live
from rich.table import Table

from shop_cli.refusal import Failure, Refusal
from tools.load.connection import ClientConnection
from tools.load.generator import open_loop
from tools.load.market import Market, PlacedOrder, log_in, market_of
from tools.load.tally import Tally, percentile

PASSWORD = "SHOP_LOAD_PASSWORD"  # noqa: S105 - where to find it
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_DECIDE = 60.0
DECIDED = ("approved", "rejected", "cancelled", "shipped")


def measure(url: str, *, rate: float, minutes: float, customers: int, manager: str | None) -> None:
    """Place orders, and print rates and latencies. Raises: Refusal, Failure."""
    console, orders, decisions = Console(), Tally(), Tally()
    try:
        market = _market(url, customers, manager)
        with _showing(console, orders, decisions), _following(url, market, decisions):
            orders.began = decisions.began = time.monotonic()
            open_loop(url, market.place_order, orders, rate=rate, seconds=minutes * 60)
    except OSError as error:
        raise Refusal(f"Nothing answers at {url}: {error.strerror or error}.") from error
    console.print(_picture(orders, decisions))
    if orders.failed:
        raise Failure(f"{orders.failed} of {len(orders.seconds)} orders got no answer, or a bad one.")


def _market(url: str, customers: int, manager: str | None) -> Market:
    connection = ClientConnection(url)
    token = ""
    if manager:
        password = os.environ.get(PASSWORD) or click.prompt(f"Password of {manager}", hide_input=True)
        token = log_in(connection, manager, password)
    market = market_of(connection, customers=customers, manager_token=token)
    connection.close()
    return market


@contextmanager
def _showing(console: Console, orders: Tally, decisions: Tally) -> Iterator[None]:
    """On a terminal, show the numbers so far while the load runs."""
    if not console.is_terminal:
        yield
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show() -> None:
            while True:
                live.update(_picture(orders, decisions), refresh=True)
                eventlet.sleep(SECONDS_BETWEEN_LOOKS)

        showing = eventlet.spawn(show)
        yield
        showing.kill()


@contextmanager
def _following(url: str, market: Market, decisions: Tally) -> Iterator[None]:
    """Once a second, watch one order until it is decided, and if approved, invoiced."""

    def follow() -> None:
        connection = ClientConnection(url)
        while True:
            eventlet.sleep(SECONDS_BETWEEN_LOOKS)
            if market.placed:
                _follow(connection, market.placed.pop(), decisions)

    following = eventlet.spawn(follow)
    yield
    following.kill()


def _follow(connection: ClientConnection, order: PlacedOrder, decisions: Tally) -> None:
    while time.monotonic() < order.since + SECONDS_TO_DECIDE:
        try:
            shown = connection.get(f"/v1/orders/{order.id}", order.token).json
        except OSError:
            return
        if shown.get("status") in DECIDED and (shown["status"] != "approved" or shown["invoice"]):
            decisions.add(time.monotonic() - order.since, 200)
            return
        eventlet.sleep(0.02)
    decisions.add(SECONDS_TO_DECIDE, 0)


def _picture(orders: Tally, decisions: Tally) -> Table:
    table = Table("", "Number", "Per second", "Median", "95 %", "99 %", "Worst", "Failed", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("Orders placed", *_numbers(orders))
    table.add_row("Decided and invoiced (one a second)", *_numbers(decisions))
    return table


def _numbers(tally: Tally) -> tuple[str, ...]:
    times = (f"{1000 * percentile(tally.seconds, percent):.0f} ms" for percent in (50, 95, 99, 100))
    return str(len(tally.seconds)), f"{tally.rate:.1f}", *times, str(tally.failed)
