"""`shop run`: all services and websites in one process."""

import os
import time
from pathlib import Path

import click

from shop_cli.folder import DataFolder, data_option

LEVELS = ("debug", "info", "warning", "error")
FORMS = ("auto", "console", "json")


@click.command()
@data_option
@click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE", help="YAML configuration file.")
@click.option("--no-demo", is_flag=True, help="Start empty, without demo data.")
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True, help="Console log level.")
@click.option("--log-format", type=click.Choice(FORMS), default="auto", show_default=True, help="Console log format.")
def run(folder: DataFolder, file: Path | None, *, no_demo: bool, log_level: str, log_format: str) -> None:
    """Run the whole shop in one process.

    Data is stored in the data folder and survives crashes. A new folder is seeded with demo data unless --no-demo is
    given. Any setting in config.yaml can be overridden by an environment variable, such as GATEWAY_ADDRESS or
    SHOP_CURRENCY. On first start, SHOP_MANAGER_USERNAME and SHOP_MANAGER_PASSWORD create the first manager.
    """
    started = time.monotonic()
    # Imported late: this is the whole shop.
    from shop.service import logs
    from shop_cli.start import plan, serve

    plan_ = plan(folder, file, os.environ, demo=not no_demo)
    with folder.claim():
        logs.configure(level=log_level, form=log_format, file=folder.log_file, quiet="shop_cli")
        serve(plan_, started)
