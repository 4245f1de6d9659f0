"""What `shop run` does: check everything first, then start, seed, and serve until asked to stop."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import structlog
from marshmallow import Schema

from customer_svc.credentials import Passwords
from shop.chassis.event_store import EventStoreClient
from shop.chassis.fields import Password, Username, check
from shop.chassis.settings import ConfigError, Settings
from shop.cli.banner import show_ready, show_start
from shop.cli.client import ShopClient
from shop.cli.configuration import configuration
from shop.cli.demo.steps import Login, accounts, demo_steps, manager_step
from shop.cli.folder import DataFolder
from shop.cli.process import OneProcess, ServiceFailed, require_free, wait_until_ready
from shop.cli.refusal import Failure, Refusal
from shop.cli.seeding import Step, seed
from shop.cli.signals import StopSignal
from shop.contracts.errors import InvalidRequest

MANAGER_VARIABLES = {"username": "SHOP_MANAGER_USERNAME", "password": "SHOP_MANAGER_PASSWORD"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What shall run. `manager`: who the environment says is the first one."""

    folder: DataFolder
    config: dict[str, Any]
    settings: Settings
    demo: bool
    manager: Login | None

    @property
    def steps(self) -> Sequence[Step]:
        """What a new log is filled with."""
        if self.demo:
            return demo_steps(self.settings, _hashed, self.manager)
        return [manager_step(self.settings, _hashed, self.manager)] if self.manager else ()


def plan(folder: DataFolder, file: Path | None, environ: Mapping[str, str], *, demo: bool) -> Plan:
    """Read all that is set. Raises: Refusal, with everything that is wrong with it."""
    problems: list[str] = []
    manager, config = None, {}
    try:
        manager = first_manager(environ)
    except ConfigError as error:
        problems += error.problems
    try:
        config = configuration(folder, file, environ)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise Refusal("\n".join(problems))
    return Plan(folder=folder, config=config, settings=Settings.of(config), demo=demo, manager=manager)


def first_manager(environ: Mapping[str, str]) -> Login | None:
    """Who the environment says is the first manager.

    Raises:
        ConfigError: only one of the two variables is set, or they are not valid.
    """
    given = {field: environ[name] for field, name in MANAGER_VARIABLES.items() if environ.get(name)}
    if not given:
        return None
    schema = Schema.from_dict({"username": Username(required=True), "password": Password(required=True)})
    try:
        return Login(**check(schema(), given))
    except InvalidRequest as error:
        problems = (f"{MANAGER_VARIABLES[field]}: {' '.join(found)}" for field, found in error.errors.items())
        raise ConfigError(*problems) from error


def serve(what: Plan, started: float) -> None:
    """Run the services until the process is asked to stop, or one of them fails.

    Raises:
        Refusal: it cannot start.
        Failure: something broke.
    """
    require_free(what.settings.gateway, "GATEWAY_ADDRESS")
    show_start(what.folder)
    stop = StopSignal()
    services = OneProcess(what.config)
    # In a greenlet, so that the shop can be stopped while it starts.
    opening = eventlet.spawn(_open, what, services, stop, started)
    try:
        stop.wait()
    except Refusal:
        raise
    except ServiceFailed as error:
        raise Failure(f"{error} Details are in {what.folder.log_file}.") from error
    except Exception as error:
        log.exception("shop failed")
        raise Failure(f"The shop failed: {error!r}. Details are in {what.folder.log_file}.") from error
    finally:
        opening.kill()
        services.stop()


def _open(what: Plan, services: OneProcess, stop: StopSignal, started: float) -> None:
    try:
        services.start(stop)
        with ShopClient.of(what.folder) as client:
            store = EventStoreClient(client.rpc.event_store)
            seed(store, what.steps)
            wait_until_ready(client, what.settings.gateway)
            show_ready(what.settings, accounts(store, what.settings.currency), time.monotonic() - started)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends the process with a sentence
        stop.fail(error)


def _hashed(password: str) -> str:
    return Passwords().hash(password)
