"""`shop clock`: compare the machine's clock with the log's last time, and repair a refused one."""

from typing import Any

import click

from shop.contracts.names import Service
from shop_cli.client import Client
from shop_cli.refusal import Refusal, reported
from shop_cli.running import RunningShop, running_option


@click.group(invoke_without_command=True)
@running_option
@click.pass_context
@reported
def clock(ctx: click.Context, running: RunningShop) -> None:
    """Show the event store's clock and the log's last time; exit with 1 if nothing can be recorded for them."""
    ctx.obj = running
    if ctx.invoked_subcommand:
        return
    with running.client() as client:
        found = _clock(client)
    last = f"the log's last commit is dated {found['last_time']}" if found["last_time"] else "the log is empty"
    click.echo(f"The clock says {found['now']}; {last}.")
    click.echo(found["refusal"] or "The clocks agree.")
    ctx.exit(1 if found["refusal"] else 0)


@clock.command("repair")
@click.option("--yes", is_flag=True, help="Do not ask whether the clock is right.")
@running_option
@click.pass_obj
@reported
def repair(above: RunningShop, running: RunningShop, *, yes: bool) -> None:
    """Date commits by the machine's clock again, though the log's last time is far from it.

    For a log that was once written with a clock far ahead, or a shop that was closed for long. What is in the log
    stays as it is; the repair is recorded in it, and the audit tells of it.
    """
    with above.below(running).client() as client:
        found = _clock(client)
        if not found["refusal"]:
            click.echo("Nothing to repair: the clock and the log's last time agree.")
            return
        click.echo(found["refusal"])
        if not (yes or click.confirm(f"Is it {found['now']} (UTC) now?", default=False)):
            raise Refusal("Nothing was changed. Set the machine's clock; the shop then continues by itself.")
        commit = client.call(Service.EVENT_STORE, "repair_clock")
    at = commit["commit"]["meta"]["at"] if commit else found["now"]
    click.echo(f"Commits are dated by the clock again, from {at} on.")


def _clock(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.call(Service.EVENT_STORE, "clock")
    return found
