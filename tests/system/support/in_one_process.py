"""A whole shop as a program of its own: `shop run`, as users start it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shop_cli.folder import DataFolder
from shop_cli.running import RunningShop
from tests.support.waiting import LIMIT, wait_for_exit, wait_until

PORT_TRIES = 5
WEBSITES = ("STOREFRONT_ADDRESS", "BACKOFFICE_ADDRESS")


class InOneProcess:
    """`shop run` on a data folder and a free port. Another way to run a shop needs the same methods.

    Args:
        folder: kept between starts.
        env: set on top of this process's environment, without its own `SHOP_…`.
        arguments: more options of `shop run`.
    """

    MODULE = "shop_cli"
    PROGRAM = "run"

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None, arguments: Sequence[str] = ()) -> None:
        self.folder = DataFolder.at(folder)
        self.env = dict(env or {})
        self.arguments = arguments
        self.address = ""
        self.websites: dict[str, str] = {}
        self.output_file = folder.with_name(f"{folder.name}.output")
        self._process: subprocess.Popen[bytes] | None = None

    # Running

    def start(self) -> None:
        """Returns when the shop says that it is ready; on another port if somebody was faster."""
        for _ in range(PORT_TRIES):
            self.launch()
            wait_until(lambda: self.is_ready or not self.is_running, "the ready line")
            if self.is_running:
                return
            if "cannot listen on" not in self.output.lower() or "GATEWAY_ADDRESS" in self.env:
                break
            self.address, self.websites = "", {}
        raise AssertionError(f"the shop did not start:\n{self.output}")

    def launch(self) -> None:
        """Start the program without waiting for it."""
        self.address = self.address or f"127.0.0.1:{free_port()}"
        self.websites = self.websites or {name: f"127.0.0.1:{free_port()}" for name in WEBSITES}
        with self.output_file.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.MODULE, self.PROGRAM, "--data", str(self.folder.path), *self.arguments],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def stop(self, with_signal: int = signal.SIGINT) -> int:
        """Ask it to stop, and wait until it has. Returns the exit code."""
        if self.is_running:
            self._running.send_signal(with_signal)
        return self.wait()

    def kill_9(self) -> None:
        """End it as a power cut would."""
        if self.is_running:
            self._running.kill()
        self.wait()

    def wait(self) -> int:
        """Wait until it ends by itself. Returns the exit code."""
        return wait_for_exit(self._running, "the shop")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._running.pid

    # Talking to it

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def call(self, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a service as an operator."""
        with RunningShop(self.folder).client(LIMIT) as client:
            return client.call(service, method, *args, **kwargs)

    def command(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run another `shop` command on the same data."""
        command = [sys.executable, "-m", "shop_cli", *arguments, "--data", str(self.folder.path)]
        return subprocess.run(command, input=given, capture_output=True, text=True, env=self._environment())

    # What it says

    @property
    def output(self) -> str:
        return self.output_file.read_text(encoding="utf-8") if self.output_file.exists() else ""

    @property
    def is_ready(self) -> bool:
        return "Ready in " in self.output

    @property
    def log_file(self) -> Path:
        return self.folder.log_file

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
        return inherited | {"GATEWAY_ADDRESS": self.address} | self.websites | self.env

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the shop was not started"
        return self._process


def free_port() -> int:
    """A port without a listener; another process may take it before the caller does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
