"""Reads the configuration: a file, overridden by the environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from shop.service.registry import WITH_READ_MODEL
from shop.service.settings import ConfigError, Settings, from_environment, required
from shop_cli.folder import DataFolder

SOCKET = "OPERATOR_SOCKET"
"""Configuration key of the path of the operator's socket."""

BROKERS = ("amqp://", "amqps://", "pyamqp://")


def configuration(folder: DataFolder, file: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    """Nameko's configuration for all services in this process: without a broker or databases in it, embedded ones in
    the folder.

    Raises:
        ConfigError: lists every problem.
    """
    given = merged(_read(file) if file else {}, from_environment(environ))
    config = merged(_embedded(folder), given)
    Settings.of(config)
    return config


def on_broker(file: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Nameko's configuration for services in processes of their own, and for their clients.

    Raises:
        ConfigError: lists every problem.
    """
    config = merged(_read(file), from_environment(environ))
    if not _is_broker(required(config, "AMQP_URI")):
        raise ConfigError("AMQP_URI must be the address of a broker, as in amqp://user:password@host:5672/.")
    Settings.of(config)
    return config


def _is_broker(uri: str) -> bool:
    try:
        return uri.startswith(BROKERS) and urlsplit(uri).port != 0
    except ValueError:  # an invalid port or IPv6 address
        return False


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, merged group by group; `above` overrides `below`."""
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return result


def _embedded(folder: DataFolder) -> dict[str, Any]:
    return {
        "AMQP_URI": "embedded://",
        # The folder's lock admits one process. A constant holder name takes over a killed process's lease at once.
        "HOLDER": "shop run",
        SOCKET: str(folder.socket),
        **databases_in(folder),
    }


def databases_in(folder: DataFolder) -> dict[str, Any]:
    """Database URLs with all databases as files in the folder."""
    return {
        "LOG_URL": folder.database("log"),
        "DB_URIS": {f"{service}:ReadModel": folder.database(service) for service in WITH_READ_MODEL},
    }


def _read(file: Path) -> dict[str, Any]:
    """The file as `nameko run --config` reads it, `${VARIABLE:default}` included."""
    from nameko.cli.main import setup_yaml_parser

    setup_yaml_parser()
    try:
        config = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The configuration {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The configuration {file} is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"The configuration {file} is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(config, dict | None):
        raise ConfigError(f"The configuration {file} is not a YAML mapping.")
    return config or {}
