"""`shop status`: whether the services of a running shop keep up."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from shop.cli.client import ServiceFault, ShopClient
from shop.cli.folder import DataFolder, data_option
from shop.cli.refusal import reported
from shop.cli.services import WITH_READ_MODEL
from shop.contracts.errors import ServiceUnavailable


@click.command()
@data_option
@reported
def status(folder: DataFolder) -> None:
    """Show how far each service has come in the log."""
    table = Table("Service", "State", "Position", "Behind", box=None, pad_edge=False)
    with ShopClient.of(folder) as client:
        head = client.call("event_store", "head")["head"]
        table.add_row("event_store", "serving", f"{head:,}", "")
        for service in WITH_READ_MODEL:
            table.add_row(service, *_row(_status(client, service), head))
        letters = len(client.call("event_store", "dead_letters"))
    Console().print(table)
    if letters:
        click.echo(f"Dead letters: {letters}. See: shop dead-letters")


def _status(client: ShopClient, service: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.call(service, "status")
    except (ServiceUnavailable, ServiceFault):
        return None
    return found


def _row(found: dict[str, Any] | None, head: int) -> tuple[str, str, str]:
    if found is None:
        return "does not answer", "", ""
    return state_of(found), f"{found['position']:,}", f"{max(0, head - found['position']):,}"


def state_of(found: dict[str, Any]) -> str:
    """What a service's `status()` means, in words."""
    if not found["ready"]:
        return "building its read model"
    if found["rebuilding"]:
        return "rebuilding"
    return "paused" if found["paused"] else "serving"
