"""What `shop up` does: check everything first, then start, seed, and watch over the processes until asked to stop."""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nameko.constants import AMQP_URI_CONFIG_KEY, RPC_EXCHANGE_CONFIG_KEY

from shop.chassis.settings import ConfigError, Settings, required
from shop.cli.banner import ready_line, show_start
from shop.cli.configuration import on_broker
from shop.cli.endpoints import listening_on, serves
from shop.cli.first_manager import first_manager
from shop.cli.folder import DataFolder
from shop.cli.refusal import Refusal
from shop.cli.services import STAGES, WITH_READ_MODEL
from shop.cli.supervision.child import Child
from shop.cli.supervision.output import Output
from shop.cli.supervision.supervisor import Supervisor
from shop.contracts.names import Service

SHOP = (sys.executable, "-m", "shop.cli")
SECONDS_BETWEEN_SEEDS = 2.0
SECONDS_BETWEEN_QUESTIONS = 0.2


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What shall run. `seed`: the options of `shop seed`, if a new log shall be filled."""

    folder: DataFolder
    file: Path
    config: dict[str, Any]
    services: Sequence[Service]
    processes: int
    seed: Sequence[str] | None

    @property
    def settings(self) -> Settings:
        return Settings.of(self.config)

    @property
    def has_gateway(self) -> bool:
        return Service.GATEWAY in self.services

    def names(self, service: Service) -> Sequence[str]:
        """What the processes of a service are called."""
        if self.processes == 1:
            return [service.value]
        return [f"{service}.{number}" for number in range(1, self.processes + 1)]


def use_folder(folder: DataFolder, environ: MutableMapping[str, str]) -> None:
    """Have the variables that config.yaml asks for name databases in the folder, where nobody has set them."""
    environ.setdefault("LOG_URL", folder.database("log"))
    for service in WITH_READ_MODEL:
        environ.setdefault(f"{service.upper()}_DB_URI", folder.database(service))


def plan(folder: DataFolder, file: Path, services: Sequence[Service], processes: int, *, demo: bool) -> Plan:
    """Read all that is set. Raises: Refusal, with everything that is wrong with it."""
    problems: list[str] = []
    config: dict[str, Any] = {}
    manager = None
    try:
        manager = first_manager(os.environ)
    except ConfigError as error:
        problems += error.problems
    try:
        config = on_broker(file, os.environ)
        _require_databases(config, services)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise Refusal("\n".join(problems))
    seed = ["--demo"] if demo else [] if manager else None
    return Plan(folder=folder, file=file, config=config, services=services, processes=processes, seed=seed)


def _require_databases(config: dict[str, Any], services: Sequence[Service]) -> None:
    if Service.EVENT_STORE in services:
        required(config, "LOG_URL")
    for service in WITH_READ_MODEL:
        if service in services:
            required(config, "DB_URIS", f"{service}:ReadModel")


class ManyProcesses:
    """The services of a plan, run by a supervisor."""

    def __init__(self, what: Plan, log_level: str, started: float) -> None:
        self._what = what
        self._log_level = log_level
        self._started = started

    def run(self) -> None:
        """Returns when somebody has asked to stop, and everything has.

        Raises:
            Refusal: it cannot start.
        """
        what = self._what
        with ExitStack() as stack:
            listener = stack.enter_context(self._listener()) if what.has_gateway else None
            stack.enter_context(_reachable(what))
            show_start(what.folder)
            names = [what.names(service) for service in what.services]
            self._output = Output(names, what.folder.log_file, self._log_level)
            stack.callback(self._output.close)
            self._stages = [
                [child for service in stage if service in what.services for child in self._children(service, listener)]
                for stage in STAGES
            ]
            asyncio.run(Supervisor(what.config[AMQP_URI_CONFIG_KEY], self._stages, self._output, self._open).run())

    def _listener(self) -> socket.socket:
        """Ours, so that it stays open when a gateway ends, and several share it."""
        return listening_on(self._what.settings.gateway, "GATEWAY_ADDRESS")

    def _children(self, service: Service, listener: socket.socket | None) -> Iterator[Child]:
        place = f"{socket.gethostname()}:{self._what.folder.path}"
        command = [*SHOP, "serve", service.value, f"--config={self._what.file}", f"--log-level={self._log_level}"]
        command.append(f"--supervisor={os.getpid()}")
        inherited = []
        if listener and service is Service.GATEWAY:
            inherited.append(listener.fileno())
            command.append(f"--listener={listener.fileno()}")
        for name in self._what.names(service):
            yield Child(name, [*command, f"--holder={place}:{name}"], self._output, inherited)

    async def _open(self) -> None:
        await self._all_work()
        accounts = await self._seed(self._what.seed) if self._what.seed is not None else ""
        if self._what.has_gateway:
            await self._gateway_serves()
        if accounts:
            self._output.show(accounts)
        seconds = time.monotonic() - self._started
        if self._what.has_gateway:
            self._output.show(ready_line(self._what.settings, seconds))
        else:
            self._output.show(f"Ready in {seconds:.1f} s. Stop with Ctrl-C.")

    async def _seed(self, options: Sequence[str]) -> str:
        """Fill a new log, as soon as that works. Returns: who can log in."""
        while True:
            process = await asyncio.create_subprocess_exec(
                *SHOP,
                "seed",
                f"--config={self._what.file}",
                *options,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                told, trouble = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
            if process.returncode == 0:
                return told.decode().rstrip("\n")
            self._output.say(f"not filled yet: {trouble.decode().strip()}", level="warning")
            await asyncio.sleep(SECONDS_BETWEEN_SEEDS)

    async def _gateway_serves(self) -> None:
        while True:
            if await asyncio.to_thread(serves, self._what.settings.gateway):
                return
            await asyncio.sleep(SECONDS_BETWEEN_QUESTIONS)

    async def _all_work(self) -> None:
        while True:
            if all(child.pulse.proven for stage in self._stages for child in stage):
                return
            await asyncio.sleep(SECONDS_BETWEEN_QUESTIONS)


@contextmanager
def _reachable(what: Plan) -> Iterator[None]:
    """Leave word in the folder how the other `shop` commands reach this shop; for the owner alone."""
    known = {key: what.config[key] for key in (AMQP_URI_CONFIG_KEY, RPC_EXCHANGE_CONFIG_KEY) if key in what.config}
    file = what.folder.broker_file
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(known), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
