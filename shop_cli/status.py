"""`shop status`: state and lag of the services of a running shop."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table

from shop.contracts.errors import ServiceUnavailable
from shop.service.registry import WITH_READ_MODEL
from shop_cli.client import Client, ServiceFault
from shop_cli.refusal import reported
from shop_cli.running import RunningShop, running_option

SECONDS_TO_ANSWER = 2.0
EVENT_STORE = "event_store"
SILENT = "unreachable"

Row = tuple[str, str, str, str]
"""State, position, lag in commits, number of processes."""


@click.command()
@click.option("--once", is_flag=True, help="Print once and exit.")
@running_option
@reported
def status(running: RunningShop, *, once: bool) -> None:
    """Show the state and lag of each service.

    On a terminal, refreshes until Ctrl-C.
    """
    from shop_cli.live import show_until_interrupted  # imports eventlet, which would make `shop --help` slow

    console = Console()
    with running.client(SECONDS_TO_ANSWER) as client:
        if once or not console.is_terminal:
            console.print(_picture(client))
            return
        show_until_interrupted(partial(_picture, client), console)


def _picture(client: Client) -> RenderableType:
    rows = dict(_rows(client))
    table = Table("Service", "State", box=None, pad_edge=False)
    titles = ("Position", "Lag", "Processes") if any(row[-1] for row in rows.values()) else ("Position", "Lag")
    for title in titles:
        table.add_column(title, justify="right")
    for service, row in rows.items():
        table.add_row(service, *row[: len(table.columns) - 1])
    letters = _ask(client, EVENT_STORE, "dead_letters")
    return Group(table, f"Dead letters: {len(letters)}. List them with: shop dead-letters") if letters else table


def _rows(client: Client) -> Iterator[tuple[str, Row]]:
    answer = _ask(client, EVENT_STORE, "head")
    head: int | None = answer and answer["head"]
    state = SILENT if head is None else "serving"
    yield EVENT_STORE, (state, _text(head), "", _processes(client, EVENT_STORE))
    for service in WITH_READ_MODEL:
        found = _ask(client, service, "status")
        state = state_of(found) if found else SILENT
        position = found and found["position"]
        behind = None if head is None or position is None else max(0, head - position)
        yield service, (state, _text(position), _text(behind), _processes(client, service))


def _ask(client: Client, service: str, method: str) -> Any:
    """The answer; None without one."""
    try:
        return client.call(service, method)
    except (ServiceUnavailable, ServiceFault):
        return None


def _processes(client: Client, service: str) -> str:
    try:
        return _text(client.processes(service))
    except ServiceUnavailable:
        return ""


def _text(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def state_of(found: dict[str, Any]) -> str:
    """The result of a service's `status()`, in words."""
    if not found["ready"]:
        return "building read model"
    if found["rebuilding"]:
        return "rebuilding"
    return "paused" if found["paused"] else "serving"
