"""`shop up`: each service in processes of its own, on a broker."""

import os
import time
from pathlib import Path

import click

from shop_cli.folder import DataFolder, data_option
from shop_cli.run import LEVELS
from shop_cli.running import CONFIG, config_type


@click.command()
@data_option
@click.option(
    "--config",
    "file",
    type=config_type,
    default=CONFIG,
    show_default=True,
    help="Configuration file with the broker address.",
)
@click.option(
    "--processes", type=click.IntRange(1, 20), default=1, show_default=True, metavar="N", help="Processes per service."
)
@click.option("--only", default="", metavar="A,B", help="Start only these services and websites.")
@click.option("--demo", is_flag=True, help="Seed a new shop with demo data.")
@click.option("--log-level", type=click.Choice(LEVELS), default="info", show_default=True, help="Console log level.")
def up(folder: DataFolder, *, file: Path, processes: int, only: str, demo: bool, log_level: str) -> None:
    """Run each service in its own process and restart processes that exit or hang.

    Services communicate over the broker given in the configuration. Data is stored in the data folder, unless the
    configuration names other databases. On first start, SHOP_MANAGER_USERNAME and SHOP_MANAGER_PASSWORD create the
    first manager.
    """
    started = time.monotonic()
    # Imported late: other commands start faster without it.
    from shop_cli.several import ManyProcesses, await_seed, plan, use_folder

    use_folder(folder, os.environ)
    names = [name.strip() for name in only.split(",") if name.strip()]
    what = plan(folder, file, names, processes, demo=demo)
    await_seed(what, os.environ)
    with folder.claim():
        ManyProcesses(what, log_level, started).run()
