"""The system under chaos: a shop, its broker and the network between them, as child processes in a folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from shop.service.registry import STAGES
from shop_cli.configuration import databases_in
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from tools.chaos.ports import free_ports
from tools.chaos.rabbitmq import SERVER, RabbitMQ
from tools.load.connection import ClientConnection

MANAGER = "chaos"
WORKERS = 20
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
"""Environment variables to inherit. Others may belong to a shop of the user's, whose databases must not be touched."""

SECONDS_TO_START = 90
SECONDS_TO_STOP = 20


class Installation:
    """A shop in one process, with the demo's products and one manager, whose password is the folder's secret.

    Args:
        folder: for all its data.
    """

    program: Sequence[str] = ("run", "--log-level=error")
    broker_kills = 0

    def __init__(self, folder: Path, password: str) -> None:
        self.folder = DataFolder.at(folder / "var")
        gateway, storefront, backoffice = free_ports(3)
        self.url = f"http://127.0.0.1:{gateway}"
        self._output = folder / "shop.output"
        self._environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "GATEWAY_ADDRESS": f"127.0.0.1:{gateway}",
            "STOREFRONT_ADDRESS": f"127.0.0.1:{storefront}",
            "BACKOFFICE_ADDRESS": f"127.0.0.1:{backoffice}",
            "SHOP_MANAGER_USERNAME": MANAGER,
            "SHOP_MANAGER_PASSWORD": password,
            "SHOP_LOG_IN_TRIES": "1000",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start, wait until ready, and stop at the end."""
        try:
            self.launch()
            self.wait_until_open()
            yield
        finally:
            self.stop()

    def launch(self) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "shop_cli", *self.program, f"--data={self.folder.path}"],
                env=self._environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_until_open(self) -> None:
        """Return when the shop reports that it is ready, with its products and its manager. Raises: Refusal."""
        self._wait_until(lambda: "Ready in " in self._said)

    def wait_until_ready(self) -> None:
        """Return when the read models of all services have caught up with the log. Raises: Refusal."""
        self._wait_until(self._is_ready)

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while not is_so():
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                raise Refusal(f"The shop did not become ready:\n{self._said[-2000:]}")
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        connection = ClientConnection(self.url)
        try:
            return connection.get("/readyz").status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def _said(self) -> str:
        return self._output.read_text(errors="replace")

    def kill(self, name: str) -> bool:
        """Kill one of `names`. Returns whether it was running."""
        del name
        if self._process is None or self._process.poll() is not None:
            return False
        self._process.kill()
        self._process.wait(SECONDS_TO_STOP)
        self.launch()
        return True

    @property
    def names(self) -> Sequence[str]:
        """Names of the processes that can be killed."""
        return ["shop"]

    def lose_database(self, service: str) -> None:
        """Delete a read model's files while they are in use."""
        for file in self.folder.path.glob(f"{service}.db*"):
            file.unlink(missing_ok=True)

    def kill_broker(self, seconds: float) -> None:
        """Kill the broker, as a power cut would, and restart it after `seconds`; without a broker, do nothing."""

    def disturb(self) -> None:
        """Begin to drop, duplicate and delay messages and to cut connections, if there is a network."""

    def calm(self) -> dict[str, int]:
        """Stop disturbing the network. Returns: the number of faults by kind."""
        return {}

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_STOP)
        self._process.kill()
        self._process.wait()


class OnBroker(Installation):
    """A process for each service, connected to the broker through a faulty network."""

    broker_kills = 2

    def __init__(self, folder: Path, password: str, seed: int) -> None:
        if not SERVER.exists():
            raise Refusal("Chaos needs RabbitMQ to break: sudo apt-get install rabbitmq-server; or use --embedded.")
        super().__init__(folder, password)
        self._config = folder / "config.yaml"
        only = ",".join(self.names)
        self.program = ("up", f"--config={self._config}", "--demo", f"--only={only}", "--log-level=error")
        self._seed = seed
        self._broker = RabbitMQ(folder / "rabbitmq")
        self._network: _Network

    @property
    def names(self) -> Sequence[str]:
        return [service.value for stage in STAGES for service in stage]

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.callback(self._broker.close)
            self._broker.start()
            self._network = _Network(self._broker.port, self._seed)
            stack.callback(self._network.close)
            config = {"AMQP_URI": self._network.uri, "max_workers": WORKERS, **databases_in(self.folder)}
            self._config.write_text(json.dumps(config), encoding="utf-8")
            stack.enter_context(super().running())
            yield

    def kill(self, name: str) -> bool:
        """Kill the process; `shop up` restarts it."""
        for pid, arguments in _children(self._process.pid if self._process else 0):
            if f"serve\0{name}\0" in arguments:
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def kill_broker(self, seconds: float) -> None:
        self._broker.kill()
        time.sleep(seconds)
        self._broker.start()

    def disturb(self) -> None:
        self._network.say("disturb")

    def calm(self) -> dict[str, int]:
        self._network.say("calm")
        done: dict[str, int] = json.loads(self._network.hear())
        return done


class _Network:
    """The process of `tools.chaos.proxy`."""

    def __init__(self, broker_port: int, seed: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "tools.chaos.proxy", str(broker_port), str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self.uri = f"amqp://guest:guest@127.0.0.1:{self.hear()}/"

    def say(self, line: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(f"{line}\n")

    def hear(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout else ""

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _children(parent: int) -> Iterator[tuple[int, str]]:
    """Process ids and command lines, as /proc has them."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(folder.name), (folder / "cmdline").read_text()
