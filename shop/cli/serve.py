"""`shop serve`: one service or website in this process, for a supervisor that watches it."""

import os
from pathlib import Path

import click

from shop.cli.folder import DataFolder, data_option
from shop.cli.refusal import Refusal
from shop.cli.run import LEVELS
from shop.cli.running import config_type
from shop.cli.services import MODULES
from shop.contracts.names import Service


@click.command(hidden=True)
@click.argument("service")
@data_option
@click.option("--config", "file", type=config_type, required=True, help="As for nameko run.")
@click.option("--holder", required=True, help="Who this process is among those that take turns.")
@click.option("--supervisor", type=int, help="The process to end with.")
@click.option("--pipe", type=int, help="Where to tell that the process is alive; a file descriptor.")
@click.option("--listener", type=int, help="The socket that gateways share; a file descriptor.")
@click.option("--log-level", type=click.Choice(LEVELS), default="info")
def serve(  # noqa: PLR0913 - one for each option
    service: str,
    *,
    folder: DataFolder,
    file: Path,
    holder: str,
    supervisor: int | None,
    pipe: int | None,
    listener: int | None,
    log_level: str,
) -> None:
    """Run SERVICE as `nameko run` does, or a website, with logs as JSON."""
    # Not before it is needed: this is a whole service.
    from shop.chassis import liveness, logs
    from shop.chassis.settings import ConfigError
    from shop.cli.configuration import on_broker
    from shop.cli.one_service import end_with

    if supervisor:
        end_with(supervisor)
    logs.configure(level=log_level, form="json")
    config = on_broker(file, os.environ)
    if service not in [*MODULES]:
        from shop.cli.one_site import run_site

        run_site(service, config, folder, pipe)
        return
    from gateway_svc.boundary.server import LISTENER
    from shop.cli.one_service import run_one

    # Under a name that stays, a process takes over at once from the one before it, instead of waiting for its lease.
    try:
        run_one(Service(service), config | {"HOLDER": holder, liveness.PIPE: pipe, LISTENER: listener})
    except ConfigError as error:
        raise Refusal(str(error)) from error
