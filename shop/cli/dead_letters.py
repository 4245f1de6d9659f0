"""`shop dead-letters`: events that a reaction could not handle."""

import click
from rich.console import Console
from rich.table import Table

from shop.cli.client import ShopClient
from shop.cli.folder import DataFolder, data_option
from shop.cli.refusal import reported


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
    table = Table("Id", "Service", "Position", "Of", "Reaction", "Tries", "State", "Error", box=None, pad_edge=False)
    for letter in letters:
        names = ("id", "subscription", "position", "correlation_id", "reaction", "attempts", "state", "error")
        table.add_row(*(str(letter[name]) for name in names))
    Console().print(table)


@dead_letters.command("retry")
@click.argument("letter")
@click.pass_obj
@reported
def retry(folder: DataFolder, letter: str) -> None:
    """Handle LETTER (its id) again, with all others of the same order, in their order."""
    with ShopClient.of(folder) as client:
        client.call("event_store", "retry_dead_letter", letter)
    click.echo("The service handles it again, with all others of the same order.")
