"""A private RabbitMQ, from Debian's package: never the machine's."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from tools.chaos.ports import free_ports

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The server itself; the one on the PATH is a wrapper that enforces the system's user and folders."""

SECONDS_TO_START = 300
"""Enough for a slow machine; a broker that ends is noticed at once."""
SECONDS_TO_END = 300

CONFIGURATION = """\
listeners.tcp.default = 127.0.0.1:{port}
log.console = true
disk_free_limit.absolute = 1MB
"""


class RabbitMQ:
    """One broker, on ports of its own, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._dist_port, self._epmd_port = free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None
        self._port_mapper: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"

    @property
    def uri(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start the broker, and return when it accepts connections. Data of an earlier start are kept."""
        self.launch()
        self._wait_until_ready()

    def launch(self) -> None:
        """Start the broker without waiting."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "rabbitmq.conf").write_text(CONFIGURATION.format(port=self.port))
        (self.folder / "enabled_plugins").write_text("[].\n")
        self._port_mapper = self._port_mapper or self._run("epmd")
        self._process = self._run(str(SERVER))

    def stop(self) -> None:
        """Stop the broker in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the broker, as a power cut would. Durable queues and persistent messages survive."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Stop the broker and its port mapper."""
        self.kill()
        if self._port_mapper:
            self._port_mapper.kill()
            self._port_mapper.wait(SECONDS_TO_END)
            self._port_mapper = None

    @property
    def node(self) -> str:
        return f"shop{self.port}@localhost"

    @property
    def pid(self) -> int:
        return self.running.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _run(self, program: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the server, or its port mapper
                [program], env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )

    def environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            # The start script becomes the server, instead of being its parent: signals reach the server itself.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            # Each of these has a default in /etc/rabbitmq.
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{folder}/none.d",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/none.config",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while self.is_running and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.1)
        tail = self._log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"RabbitMQ did not start:\n{tail}")

    def _answers(self) -> bool:
        """Whether the broker speaks AMQP: it must answer a wrong protocol header as specified."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"AMQP\x00\x00\x00\x00")
                return connection.recv(8)[:4] == b"AMQP"
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(SECONDS_TO_END)
        self._process = None

    @property
    def running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("RabbitMQ was not started")
        return self._process
