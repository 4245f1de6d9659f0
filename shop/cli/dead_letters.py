"""`shop dead-letters`: events that a reaction could not handle."""

import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shop.cli.client import ShopClient
from shop.cli.folder import DataFolder, data_option
from shop.cli.refusal import reported

COLUMNS = {
    "Id": "id",
    "Service": "subscription",
    "Position": "position",
    "Of": "correlation_id",
    "Reaction": "reaction",
    "Tries": "attempts",
    "State": "state",
    "Error": "error",
}
"""A column's title, and what it shows of a letter."""

WIDE = 10_000
"""Characters of a line that is not read on a terminal, so that nothing is broken in two."""


@click.group("dead-letters", invoke_without_command=True)
@data_option
@click.pass_context
@reported
def dead_letters(ctx: click.Context, folder: DataFolder) -> None:
    """Events that a reaction could not handle, and all later ones of the same order.

    Without a command, lists them.
    """
    ctx.obj = folder
    if ctx.invoked_subcommand:
        return
    with ShopClient.of(folder) as client:
        letters = client.call("event_store", "dead_letters")
    if not letters:
        click.echo("No dead letters.")
        return
    table = Table(box=None, pad_edge=False)
    for title in COLUMNS:
        table.add_column(title, overflow="fold")
    for letter in letters:
        table.add_row(*(Text(str(letter[field])) for field in COLUMNS.values()))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


@dead_letters.command("retry")
@click.argument("letter", type=int)
@click.option("--data", "own", type=DataFolder.at, metavar="DIR", help="The folder with the shop's data.")
@click.pass_obj
@reported
def retry(folder: DataFolder, letter: int, own: DataFolder | None) -> None:
    """Handle LETTER (its id) again, with all others of the same order, in their order."""
    with ShopClient.of(own or folder) as client:
        client.call("event_store", "retry_dead_letter", letter)
    click.echo("The service handles it again, with all others of the same order.")
