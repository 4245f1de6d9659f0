"""The steps of `shop run`: check everything first, then start, seed, and serve until asked to stop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import structlog

from shop.event_sourcing.event_store import EventStoreClient
from shop.service.settings import ConfigError, Settings
from shop_cli.banner import show_ready, show_start
from shop_cli.client import ShopClient
from shop_cli.configuration import configuration, merged
from shop_cli.demo.steps import accounts, first_steps
from shop_cli.endpoints import require_free
from shop_cli.first_manager import Login, first_manager
from shop_cli.folder import DataFolder
from shop_cli.process import OneProcess, ServiceFailed, refusal_of, wait_until_ready
from shop_cli.refusal import Failure, Refusal
from shop_cli.seeding import seed
from shop_cli.signals import StopSignal
from shop_cli.websites import Websites, websites

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class StartPlan:
    """The plan of a start. `manager`: the first manager, from the environment."""

    folder: DataFolder
    config: dict[str, Any]
    settings: Settings
    demo: bool
    manager: Login | None


def plan(folder: DataFolder, file: Path | None, environ: Mapping[str, str], *, demo: bool) -> StartPlan:
    """Read and check all settings. Raises: Refusal, with every problem."""
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
    if demo or manager:
        config = merged(config, {"SHOP": {"await_seed": True}})
    return StartPlan(folder=folder, config=config, settings=Settings.of(config), demo=demo, manager=manager)


def serve(what: StartPlan, started: float) -> None:
    """Run the services until the process is asked to stop, or one of them fails.

    Raises:
        Refusal: the shop cannot start.
        Failure: a service or website failed.
    """
    require_free(what.settings.gateway, "GATEWAY_ADDRESS")
    for site in websites(what.settings):
        require_free(site.endpoint, site.variable)
    show_start(what.folder)
    stop = StopSignal()
    services = _services(what.config)
    sites = Websites(what.settings, what.folder)
    # In a greenlet, so that the shop can be stopped while it starts.
    opening = eventlet.spawn(_open, what, services, sites, stop, started)
    try:
        stop.wait()
    except Refusal:
        raise
    except ConfigError as error:
        raise Refusal(str(error)) from error
    except ServiceFailed as error:
        raise Failure(f"{error} Details are in {what.folder.log_file}.") from error
    except Exception as error:
        log.exception("shop failed")
        raise Failure(f"The shop failed: {error!r}. Details are in {what.folder.log_file}.") from error
    finally:
        opening.kill()
        sites.stop()
        services.stop()


def _services(config: dict[str, Any]) -> OneProcess:
    try:
        return OneProcess(config)
    except ConfigError as error:
        raise Refusal(str(error)) from error


def _open(what: StartPlan, services: OneProcess, sites: Websites, stop: StopSignal, started: float) -> None:
    try:
        services.start(stop)
        with ShopClient.of(what.folder) as client:
            store = EventStoreClient(client.rpc.event_store)
            # Before visitors come in: a log in use does not get the demo any more.
            seed(store, first_steps(what.settings, demo=what.demo, manager=what.manager))
            services.open(stop)
            wait_until_ready(client, what.settings.gateway)
            sites.start(stop)
            known = accounts(store, what.settings.currency)
            show_ready(what.settings, known, time.monotonic() - started, refusal_of(client))
    except Exception as error:  # noqa: BLE001 - any error ends the process with a message
        stop.fail(error)
