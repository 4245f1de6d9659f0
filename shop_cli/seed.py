"""`shop seed`: fill a new log with the demo shop, or with the first manager alone."""

import os
from pathlib import Path

import click

from shop_cli.refusal import reported
from shop_cli.running import CONFIG, config_type


@click.command("seed")
@click.option(
    "--config",
    "file",
    type=config_type,
    default=CONFIG,
    show_default=True,
    help="Configuration file with the broker address.",
)
@click.option("--demo", is_flag=True, help="Include the demo catalogue, customers and manager.")
@reported
def seed_command(file: Path, *, demo: bool) -> None:
    """Seed a new shop on a broker and print its accounts.

    SHOP_MANAGER_USERNAME and SHOP_MANAGER_PASSWORD create the first manager. Does nothing if the log already contains
    other data.
    """
    # Imported late: this is much of the shop.
    from shop.event_sourcing.event_store import EventStoreClient
    from shop.service.settings import Settings
    from shop_cli.banner import show_accounts
    from shop_cli.broker import BrokerClient
    from shop_cli.configuration import on_broker
    from shop_cli.demo.steps import accounts, first_steps
    from shop_cli.first_manager import first_manager
    from shop_cli.seeding import seed

    manager = first_manager(os.environ)
    config = on_broker(file, os.environ)
    settings = Settings.of(config)
    with BrokerClient.of(config) as client:
        store = EventStoreClient(client.rpc.event_store)
        seed(store, first_steps(settings, demo=demo, manager=manager))
        show_accounts(settings, accounts(store, settings.currency))
