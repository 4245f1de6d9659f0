"""A whole shop on RabbitMQ, each service as processes of its own: `nameko run --config config.yaml <service>`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from shop.contracts.errors import ServiceUnavailable
from shop.event_sourcing.event_store import EventStoreClient
from shop.service.registry import MODULES, WITH_READ_MODEL
from shop.service.settings import Settings
from shop_cli.client import Client
from shop_cli.demo.steps import first_steps
from shop_cli.first_manager import first_manager
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from shop_cli.running import RunningShop
from shop_cli.seeding import seed
from tests.support.waiting import LIMIT, wait_for_exit, wait_until
from tests.system.support.in_one_process import free_port
from tests.system.support.readiness import is_ready, wait_until_shown

ROOT = Path(__file__).parents[3]
SERVICES = tuple(str(service) for service in MODULES)
"""In the order in which they are started."""

Json = Any


class Process:
    """One process of one service.

    Args:
        output_file: where it writes what it has to say.
    """

    def __init__(self, service: str, environment: Mapping[str, str], output_file: Path) -> None:
        self.service = service
        self.output_file = output_file
        with output_file.open("ab") as output:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("nameko"), "run", "--config", "config.yaml", MODULES[service]],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def output(self) -> str:
        return self.output_file.read_text(encoding="utf-8")

    def ask_to_stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Ask it to stop, and wait until it has. Returns the exit code."""
        self.ask_to_stop()
        return self.wait()

    def wait(self) -> int:
        """Wait until it ends by itself. Returns the exit code."""
        return wait_for_exit(self._process, str(self))

    def kill_9(self) -> None:
        self._process.kill()
        self.wait()

    def pause(self) -> None:
        """Have it do nothing, with its connections open: no peer is told that it is away."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def __str__(self) -> str:
        return f"process {self.pid} of {self.service}"


class OnRabbitMQ:
    """The services as processes, on a broker and on the databases that are given.

    Args:
        folder: of the databases and of what the processes say.
        broker: the URI of a broker that no other shop uses.
        env: set on top of this process's environment, without its own `SHOP_…`.
        stores: URLs of databases by the environment variables that name them, such as ORDERS_DB_URI; SQLite files
            where they are missing.
        copies: how many processes each service has, but for the gateway: its address can be taken once.
        demo: whether to begin with the demo shop.
        brokers: the URIs of services that are other users of the broker.
    """

    def __init__(
        self,
        folder: Path,
        broker: str,
        env: Mapping[str, str] | None = None,
        *,
        stores: Mapping[str, str] | None = None,
        copies: int = 1,
        demo: bool = True,
        brokers: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = DataFolder.at(folder)
        self.brokers = brokers or {}
        self.env = dict(env or {})
        self.broker = broker
        self.copies = copies
        self.demo = demo
        self.address = f"127.0.0.1:{free_port()}"
        self.processes: dict[str, list[Process]] = {service: [] for service in SERVICES}
        self._stores = stores or {}
        self._numbers = count(1)

    # Running

    def start(self) -> None:
        """Returns when all services are ready, and the shop has what it begins with."""
        self.launch()
        self._fill()
        self.wait_until_ready()
        self.wait_until_shown()

    def launch(self) -> None:
        """Start all processes without waiting for any, and without an order."""
        self.folder.path.mkdir(parents=True, exist_ok=True)
        self.folder.broker_file.write_text(json.dumps({"AMQP_URI": self.broker}))
        for service in SERVICES:
            for _ in range(1 if service == "gateway" else self.copies):
                self.launch_one(service)

    def launch_one(self, service: str) -> Process:
        """Start one more process of a service."""
        output = self.folder.path / f"{service}-{next(self._numbers)}.log"
        broker = {"AMQP_URI": self.brokers.get(service, self.broker)}
        self.processes[service].append(Process(service, self._environment() | broker, output))
        return self.processes[service][-1]

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.is_ready, "all services to be ready")

    def wait_until_shown(self) -> None:
        """Returns when all read models have caught up with the log."""
        wait_until_shown(self.url)

    def stop(self) -> int:
        """Ask all processes to stop, and wait until they have. Returns the worst exit code."""
        for process in self.all:
            process.ask_to_stop()
        codes = [process.wait() for process in self.all]
        self._forget()
        return max(map(abs, codes), default=0)

    def kill_9(self) -> None:
        """End all at once, as a power cut would; but for the broker."""
        for process in self.all:
            process.kill_9()
        self._forget()

    @property
    def all(self) -> list[Process]:
        return [process for processes in self.processes.values() for process in processes]

    @property
    def is_running(self) -> bool:
        return any(process.is_running for process in self.all)

    def forget(self, process: Process) -> None:
        """It has ended, as it should."""
        self.processes[process.service].remove(process)

    # Talking to it

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def is_ready(self) -> bool:
        return is_ready(self.url)

    def client(self) -> Client:
        """A client on the bus, as soon as the broker answers."""

        def connected() -> Client | None:
            try:
                return RunningShop(self.folder).client(LIMIT)
            except Refusal:
                return None

        client: Client = wait_until(connected, "an answer of the broker")
        return client

    def call(self, service: str, method: str, *args: Any, **kwargs: Any) -> Json:
        """Call a service as an operator."""
        with self.client() as client:
            return client.call(service, method, *args, **kwargs)

    # What it says

    @property
    def output(self) -> str:
        """The logs of all processes, one after the other; without the lines of level info."""
        return "\n".join(_troubles(path) for path in sorted(self.folder.path.glob("*.log")))

    @property
    def log_file(self) -> Path:
        """There is none; `output` is the log."""
        return self.folder.log_file

    def _fill(self) -> None:
        """Again and again, for a slow database may not be done in the time of a call; it goes on where it was."""
        steps = first_steps(Settings.of({}), demo=self.demo, manager=first_manager(self._environment()))

        def filled() -> bool:
            try:
                with self.client() as client:
                    seed(EventStoreClient(client.rpc.event_store), steps)
            except ServiceUnavailable:
                return False
            return True

        wait_until(filled, "the shop to have what it begins with")

    def _forget(self) -> None:
        self.processes = {service: [] for service in SERVICES}

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
        files = {f"{service.upper()}_DB_URI": self.folder.database(service) for service in WITH_READ_MODEL}
        return (
            inherited
            | {"AMQP_URI": self.broker, "GATEWAY_ADDRESS": self.address, "LOG_URL": self.folder.database("log")}
            | files
            | self._stores
            | self.env
        )


def _troubles(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join([f"{path.name}:", *(line for line in lines if '"level":"info"' not in line)])
