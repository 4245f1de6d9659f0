"""A RabbitMQ of our own, from Debian's package: never the machine's."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.servers.ports import free_ports

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The server itself; the one on the PATH is a wrapper that insists on the machine's own user and folders."""

SECONDS_TO_START = 60


class RabbitMQ:
    """One broker, on ports of its own, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._dist_port, self._epmd_port = free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"

    @staticmethod
    def installed() -> bool:
        return SERVER.exists() and shutil.which("erl") is not None

    @property
    def uri(self) -> str:
        return f"pyamqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        """Start it, and return when it takes connections. Data of an earlier start are kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self.port}\nlog.console = true\ndisk_free_limit.absolute = 1MB\n"
        )
        (self._folder / "enabled_plugins").write_text("[].\n")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(SERVER)], env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would. Durable queues and persistent messages survive."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it and what it leaves behind."""
        self.kill()
        self._end_port_mapper()

    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        return {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"tests{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.1)
        tail = self._log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"RabbitMQ did not start:\n{tail}")

    def _answers(self) -> bool:
        """Whether it speaks AMQP: its answer to a wrong protocol header is the right one."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"AMQP\x00\x00\x00\x00")
                return connection.recv(8)[:4] == b"AMQP"
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> None:
        """End the server's whole process group: the script is only the parent of the Erlang machine."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, how)
        except ProcessLookupError:
            pass
        self._process.wait(timeout=30)
        self._process = None

    def _end_port_mapper(self) -> None:
        """Erlang's port mapper outlives the server that started it."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._is_port_mapper(entry):
                os.kill(int(entry.name), signal.SIGKILL)

    def _is_port_mapper(self, entry: Path) -> bool:
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            return False
        return b"epmd" in command and f"ERL_EPMD_PORT={self._epmd_port}".encode() in environment
