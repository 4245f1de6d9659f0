"""The steps of `shop up`: check everything first, then start, seed, and supervise until asked to stop."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nameko.constants import AMQP_URI_CONFIG_KEY, RPC_EXCHANGE_CONFIG_KEY

from shop.contracts.names import Service
from shop.service.registry import STAGES, WITH_READ_MODEL
from shop.service.settings import ConfigError, Settings, required
from shop_cli.banner import show_start
from shop_cli.configuration import on_broker
from shop_cli.endpoints import listening_on, require_free
from shop_cli.first_manager import first_manager
from shop_cli.folder import DataFolder
from shop_cli.opening import Opening
from shop_cli.refusal import Refusal
from shop_cli.supervision.child import Child
from shop_cli.supervision.output import Output
from shop_cli.supervision.supervisor import Supervisor
from shop_cli.websites import Website, websites

SHOP = (sys.executable, "-m", "shop_cli")


@dataclass(frozen=True, kw_only=True)
class ProcessPlan:
    """The plan of a start.

    Args:
        only: the names of some services and websites; all if empty.
        seed: the options of `shop seed`, to fill a new log; None for no seeding.
    """

    folder: DataFolder
    file: Path
    config: dict[str, Any]
    only: Sequence[str]
    processes: int
    seed: Sequence[str] | None

    @property
    def settings(self) -> Settings:
        return Settings.of(self.config)

    @property
    def services(self) -> Sequence[Service]:
        return [service for stage in STAGES for service in stage if service in self.only or not self.only]

    @property
    def sites(self) -> Sequence[Website]:
        return [site for site in websites(self.settings) if site.name in self.only or not self.only]

    def names(self, service: str) -> Sequence[str]:
        """Names of the service's processes."""
        if self.processes == 1 or service not in self.services:
            return [str(service)]
        return [f"{service}.{number}" for number in range(1, self.processes + 1)]


def use_folder(folder: DataFolder, environ: MutableMapping[str, str]) -> None:
    """Set the unset database variables of config.yaml to files in the folder."""
    environ.setdefault("LOG_URL", folder.database("log"))
    for service in WITH_READ_MODEL:
        environ.setdefault(f"{service.upper()}_DB_URI", folder.database(service))


def plan(folder: DataFolder, file: Path, only: Sequence[str], processes: int, *, demo: bool) -> ProcessPlan:
    """Read and check all settings. Raises: Refusal, with every problem."""
    problems: list[str] = []
    config: dict[str, Any] = {}
    manager = None
    try:
        manager = first_manager(os.environ)
    except ConfigError as error:
        problems += error.problems
    try:
        config = on_broker(file, os.environ)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise Refusal("\n".join(problems))
    seed = ["--demo"] if demo else [] if manager else None
    what = ProcessPlan(folder=folder, file=file, config=config, only=only, processes=processes, seed=seed)
    _require_known(what)
    _require_databases(what)
    return what


def await_seed(what: ProcessPlan, environ: MutableMapping[str, str]) -> None:
    """Make the gateways report the shop as ready only after it is seeded."""
    if what.seed is not None:
        environ["SHOP_AWAIT_SEED"] = "yes"


def _require_known(what: ProcessPlan) -> None:
    services = [service.value for stage in STAGES for service in stage]
    known = [*services, *(site.name for site in websites(what.settings))]
    if unknown := [name for name in what.only if name not in known]:
        raise Refusal(f"Unknown service or website: {', '.join(unknown)}. Available: {', '.join(known)}.")


def _require_databases(what: ProcessPlan) -> None:
    try:
        if Service.EVENT_STORE in what.services:
            required(what.config, "LOG_URL")
        for service in WITH_READ_MODEL:
            if service in what.services:
                required(what.config, "DB_URIS", f"{service}:ReadModel")
    except ConfigError as error:
        raise Refusal(str(error)) from error


class ManyProcesses:
    """Runs a plan's processes under a supervisor."""

    def __init__(self, what: ProcessPlan, log_level: str, started: float) -> None:
        self._what = what
        self._log_level = log_level
        self._started = started

    def run(self) -> None:
        """Return after a request to stop, when all processes have ended.

        Raises:
            Refusal: the shop cannot start.
        """
        what = self._what
        with ExitStack() as stack:
            listener = stack.enter_context(self._listener()) if Service.GATEWAY in what.services else None
            for site in what.sites:
                require_free(site.endpoint, site.variable)
            stack.enter_context(_reachable(what))
            if listener and what.processes > 1:
                # Its processes share an address: each of them reports the metrics of all.
                os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(TemporaryDirectory(prefix="shop-metrics-"))
            show_start(what.folder)
            names = [what.names(name) for name in [*what.services, *(site.name for site in what.sites)]]
            output = Output(names, what.folder.log_file, self._log_level)
            stack.callback(output.close)
            stages = self._stages(output, listener)
            opening = Opening(what.settings, stages, output, file=what.file, seed=what.seed, started=self._started)
            asyncio.run(Supervisor(what.config[AMQP_URI_CONFIG_KEY], stages, output, opening.run).run())

    def _listener(self) -> socket.socket:
        """The gateways' socket, held here: it stays open when a gateway ends, and several share it."""
        return listening_on(self._what.settings.gateway, "GATEWAY_ADDRESS")

    def _stages(self, output: Output, listener: socket.socket | None) -> Sequence[Sequence[Child]]:
        what = self._what
        stages: list[Sequence[str]] = [[name for name in stage if name in what.services] for stage in STAGES]
        stages.append([site.name for site in what.sites])
        return [[child for name in stage for child in self._children(name, output, listener)] for stage in stages]

    def _children(self, name: str, output: Output, listener: socket.socket | None) -> Iterator[Child]:
        shared = [listener.fileno()] if listener and name == Service.GATEWAY else []
        place = f"{socket.gethostname()}:{self._what.folder.path}"
        for process in self._what.names(name):
            options = [f"--holder={place}:{process}", *(f"--listener={number}" for number in shared)]
            yield Child(process, [*self._command(name), *options], output, shared)

    def _command(self, name: str) -> Sequence[str]:
        what = self._what
        # The file gets everything from "info" on, independently of the screen's level.
        level = "debug" if self._log_level == "debug" else "info"
        where = [f"--config={what.file}", f"--data={what.folder.path}"]
        return [*SHOP, "serve", str(name), *where, f"--log-level={level}", f"--supervisor={os.getpid()}"]


@contextmanager
def _reachable(what: ProcessPlan) -> Iterator[None]:
    """Record in the folder, readable by its owner alone, how other `shop` commands reach this shop."""
    known = {key: what.config[key] for key in (AMQP_URI_CONFIG_KEY, RPC_EXCHANGE_CONFIG_KEY) if key in what.config}
    file = what.folder.broker_file
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(known), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
