"""The systems under test: the shop on its servers, the shop in one process, and the yardstick."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import Redis
from tests.system.support.in_one_process import InOneProcess, free_port
from tests.system.support.on_rabbitmq import OnRabbitMQ
from tests.system.support.readiness import wait_until_shown
from tools.bench import market
from tools.load.connection import ClientConnection

ROOT = Path(__file__).parents[1]
SECONDS_TO_START = 300
SECONDS_TO_STOP = 20
QUIET = {"PYTHONWARNINGS": "ignore"}


class System(Protocol):
    """A system that answers HTTP requests."""

    @property
    def url(self) -> str: ...

    @property
    def processes(self) -> Mapping[str, Sequence[int]]:
        """The ids of all its processes, by role."""
        ...


class Servers:
    """The broker and the databases, private to the benchmark and with their default settings."""

    def __init__(self, folder: Path) -> None:
        self.broker = RabbitMQ(folder / "rabbitmq")
        self.postgresql = PostgreSQL(durable=True)
        (folder / "redis").mkdir()
        self.redis = Redis(folder / "redis")

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["Servers"]:
        servers = cls(folder)
        with ExitStack() as stack:
            for server in (servers.broker, servers.postgresql, servers.redis):
                stack.callback(server.close)
                server.start()
            yield servers

    @property
    def processes(self) -> dict[str, Sequence[int]]:
        return {"broker": [self.broker.pid], "postgresql": [self.postgresql.pid], "redis": [self.redis.pid]}


class Yardstick:
    """Two bare Nameko services on the same broker."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self._servers = servers
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "yardstick.yaml"
        config.write_text(
            f"AMQP_URI: {servers.broker.uri_of('yardstick')}\nWEB_SERVER_ADDRESS: 127.0.0.1:{port}\n", encoding="utf-8"
        )
        self._running = {name: _nameko(config, f"tools.bench.yardstick.{name}") for name in ("answering", "asking")}
        _wait_for(self.url, "/numbers/1")

    @property
    def processes(self) -> Mapping[str, Sequence[int]]:
        services = {name: [process.pid] for name, process in self._running.items()}
        return {"broker": [self._servers.broker.pid], **services}

    def close(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait(SECONDS_TO_STOP)


class ShopOnServers:
    """The shop as deployed by users: a process for each service, customers in Redis, orders in PostgreSQL.

    Args:
        name: unique name of its virtual host and database.
    """

    def __init__(
        self, servers: Servers, folder: Path, name: str, *, products: int = 1000, customers: int = 1000, copies: int = 1
    ) -> None:
        self._servers = servers
        stores = {
            "CUSTOMERS_DB_URI": servers.redis.empty_database(),
            "ORDERS_DB_URI": servers.postgresql.create_database(name),
        }
        self._shop = OnRabbitMQ(
            folder / name, servers.broker.uri_of(name), QUIET, stores=stores, copies=copies, demo=False
        )
        self._shop.folder.path.mkdir(parents=True)
        self.log_file = self._shop.folder.path / "log.db"
        self.products = [str(market.product_id(number)) for number in range(products)]
        self.customers = customers
        market.fill(self._shop.folder.database("log"), products=products, customers=customers)

    def start(self) -> None:
        self._shop.launch()
        self._shop.wait_until_ready()
        wait_until_shown(self.url)

    @property
    def url(self) -> str:
        return self._shop.url

    @property
    def processes(self) -> Mapping[str, Sequence[int]]:
        services = {name: [copy.pid for copy in copies] for name, copies in self._shop.processes.items()}
        return services | self._servers.processes

    def call(self, service: str, method: str, *args: object) -> object:
        """Call a service as an operator."""
        answer: object = self._shop.call(service, method, *args)
        return answer

    def close(self) -> None:
        self._shop.kill_9()


class ShopInOneProcess:
    """`shop run`, with both websites."""

    def __init__(self, folder: Path, *, products: int = 1000, customers: int = 1000) -> None:
        self._shop = InOneProcess(folder / "embedded", QUIET, ["--no-demo"])
        self._shop.folder.path.mkdir(parents=True)
        self.log_file = self._shop.folder.path / "log.db"
        self.products = [str(market.product_id(number)) for number in range(products)]
        self.customers = customers
        market.fill(self._shop.folder.database("log"), products=products, customers=customers)

    def start(self) -> float:
        """Returns: seconds until it was ready."""
        began = time.monotonic()
        self._shop.start()
        return time.monotonic() - began

    def stop(self) -> None:
        """Stop once the read models have caught up with the log, without a time limit."""
        wait_until_shown(self.url)
        self._shop.stop()

    @property
    def url(self) -> str:
        return self._shop.url

    @property
    def processes(self) -> Mapping[str, Sequence[int]]:
        return {"shop": [self._shop.pid]}

    def close(self) -> None:
        self._shop.kill_9()


def _nameko(config: Path, module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [Path(sys.executable).with_name("nameko"), "run", "--config", config, module],
        cwd=ROOT,
        env={**os.environ, **QUIET},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for(url: str, path: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            if ClientConnection(url).get(path).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url}{path} is not there after {SECONDS_TO_START} s")
