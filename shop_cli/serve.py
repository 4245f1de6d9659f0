"""`shop serve`: one service or website in this process, started by a supervisor."""

import os
from pathlib import Path

import click

from shop.contracts.names import Service
from shop.service.registry import MODULES
from shop_cli.folder import DataFolder, data_option
from shop_cli.refusal import Refusal
from shop_cli.run import LEVELS
from shop_cli.running import config_type


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
    # Imported late: this is a whole service.
    from shop.messaging import liveness
    from shop.service import logs
    from shop.service.settings import ConfigError
    from shop_cli.configuration import on_broker
    from shop_cli.one_service import end_with

    if supervisor:
        end_with(supervisor)
    logs.configure(level=log_level, form="json")
    config = on_broker(file, os.environ)
    if service not in [*MODULES]:
        from shop_cli.one_site import run_site

        run_site(service, config, folder, pipe)
        return
    from gateway_svc.boundary.server import LISTENER
    from shop_cli.one_service import run_one

    # With a constant holder name, a process takes over its predecessor's lease at once instead of waiting for it.
    try:
        run_one(Service(service), config | {"HOLDER": holder, liveness.PIPE: pipe, LISTENER: listener})
    except ConfigError as error:
        raise Refusal(str(error)) from error
