"""`shop serve`: one service in this process, for a supervisor that watches it."""

import os
from pathlib import Path

import click

from shop.cli.run import LEVELS
from shop.cli.running import config_type
from shop.cli.services import MODULES
from shop.contracts.names import Service


@click.command(hidden=True)
@click.argument("service", type=click.Choice([name.value for name in MODULES]))
@click.option("--config", "file", type=config_type, required=True, help="As for nameko run.")
@click.option("--holder", required=True, help="Who this process is among those that take turns.")
@click.option("--supervisor", type=int, help="The process to end with.")
@click.option("--pipe", type=int, help="Where to tell that the process is alive; a file descriptor.")
@click.option("--listener", type=int, help="The socket that gateways share; a file descriptor.")
@click.option("--log-level", type=click.Choice(LEVELS), default="info")
def serve(
    service: str,
    *,
    file: Path,
    holder: str,
    supervisor: int | None,
    pipe: int | None,
    listener: int | None,
    log_level: str,
) -> None:
    """Run SERVICE as `nameko run` does, with logs as JSON."""
    # Not before it is needed: this is a whole service.
    from gateway_svc.boundary.server import LISTENER
    from shop.chassis import liveness, logs
    from shop.cli.configuration import on_broker
    from shop.cli.one_service import end_with, run_one

    if supervisor:
        end_with(supervisor)
    logs.configure(level=log_level, form="json")
    # Under a name that stays, a process takes over at once from the one before it, instead of waiting for its lease.
    own = {"HOLDER": holder, liveness.PIPE: pipe, LISTENER: listener}
    run_one(Service(service), on_broker(file, os.environ) | own)
