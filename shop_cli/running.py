"""Finds the running shop: all commands that talk to one take --data and --config."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from shop_cli.client import Client, ShopClient
from shop_cli.folder import DEFAULT, DataFolder
from shop_cli.refusal import Refusal

CONFIG = Path("config.yaml")

config_type = click.Path(path_type=Path)


@dataclass(frozen=True)
class RunningShop:
    """Location of a running shop.

    Args:
        folder: given by the user; None if not given.
        file: the configuration with the broker's address, likewise.
    """

    folder: DataFolder | None = None
    file: Path | None = None

    def client(self, seconds: float = 10.0) -> Client:
        """A client over the broker if a configuration is given. Otherwise the way that the shop in the folder recorded;
        without such a shop and without a given folder, over the broker in ./config.yaml.

        Args:
            seconds: timeout of a call over the broker.

        Raises:
            Refusal: no shop is running there.
        """
        if self.file:
            return _over_broker(_config_of(self.file), seconds)
        folder = self.folder or DataFolder.at(DEFAULT)
        try:
            return ShopClient.of(folder)
        except Refusal as nobody:
            if folder.broker_file.exists():
                return _over_broker(json.loads(folder.broker_file.read_text(encoding="utf-8")), seconds)
            if self.folder or not CONFIG.exists():
                raise
            return _over_broker_or(nobody, seconds)

    def below(self, other: "RunningShop") -> "RunningShop":
        """This location, with the values that `other` gives taking precedence."""
        return other if other.folder or other.file else self


def running_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options --data and --config; the command gets a `RunningShop` as `running`."""

    @wraps(command)
    def run(*args: Any, folder: DataFolder | None, file: Path | None, **kwargs: Any) -> Any:
        return command(*args, running=RunningShop(folder, file), **kwargs)

    data = click.option(
        "--data",
        "folder",
        envvar="SHOP_DATA",
        metavar="DIR",
        show_default=DEFAULT,
        type=DataFolder.at,
        help="Data folder of the shop.",
    )
    config = click.option(
        "--config", "file", metavar="FILE", type=config_type, help="Configuration file with the broker address."
    )
    return data(config(run))


def _config_of(file: Path) -> dict[str, Any]:
    # Imported late: commands on a shop in one process start faster without it.
    from shop.service.settings import ConfigError
    from shop_cli.configuration import on_broker

    try:
        return on_broker(file, os.environ)
    except ConfigError as error:
        raise Refusal(str(error)) from error


def _over_broker(config: dict[str, Any], seconds: float) -> Client:
    from shop_cli.broker import BrokerClient

    return BrokerClient.of(config, seconds)


def _over_broker_or(nobody: Refusal, seconds: float) -> Client:
    try:
        return _over_broker(_config_of(CONFIG), seconds)
    except Refusal as error:
        raise Refusal(f"{nobody.message}\n{error.message} (Broker address taken from {CONFIG}.)") from error
