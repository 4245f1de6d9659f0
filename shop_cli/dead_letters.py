"""`shop dead-letters`: events that a reaction could not handle."""

import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shop_cli.refusal import reported
from shop_cli.running import RunningShop, running_option

COLUMNS = {
    "Id": "id",
    "Service": "subscription",
    "Position": "position",
    "Order": "correlation_id",
    "Reaction": "reaction",
    "Attempts": "attempts",
    "State": "state",
    "Error": "error",
}
"""Title of each column, and the dead letter's key to show in it."""

WIDE = 10_000
"""Line length in characters if the output is no terminal, so that nothing wraps."""


@click.group("dead-letters", invoke_without_command=True)
@running_option
@click.pass_context
@reported
def dead_letters(ctx: click.Context, running: RunningShop) -> None:
    """List or retry dead letters.

    Dead letters are events that a service failed to process, and later events of the same order.
    """
    ctx.obj = running
    if ctx.invoked_subcommand:
        return
    with running.client() as client:
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
@running_option
@click.pass_obj
@reported
def retry(above: RunningShop, running: RunningShop, letter: int) -> None:
    """Retry dead letter LETTER (its ID) and all later ones of the same order, in order."""
    with above.below(running).client() as client:
        client.call("event_store", "retry_dead_letter", letter)
    click.echo(f"Retry started for dead letter {letter} and all later ones of the same order.")
