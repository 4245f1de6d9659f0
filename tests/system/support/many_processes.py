"""A whole shop as processes of its own: `shop up`, on a broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.system.support.in_one_process import InOneProcess

ROOT = Path(__file__).parents[3]


class ManyProcesses(InOneProcess):
    """`shop up` on a data folder, a broker and free ports.

    Args:
        uri: of a broker that no other shop uses.
        env, arguments: as of `InOneProcess`; `--processes 2` for two processes of each service, `--demo` for the demo.
    """

    PROGRAM = "up"

    def __init__(
        self, folder: Path, uri: str, env: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> None:
        arguments = [f"--config={ROOT / 'config.yaml'}", *arguments]
        super().__init__(folder, {"AMQP_URI": uri, **(env or {})}, arguments)

    @property
    def processes(self) -> dict[str, psutil.Process]:
        """The processes that run now, by name: `customers`, or `customers.2` where there are several."""
        found = {}
        for process in psutil.Process(self.pid).children():
            for argument in _arguments(process):
                if argument.startswith("--holder="):
                    found[argument.rpartition(":")[2]] = process
        return found

    def send(self, name: str, number: signal.Signals) -> int:
        """Send one of the processes a signal. Returns: its id."""
        process = self.processes[name]
        os.kill(process.pid, number)
        return process.pid

    def nameko_shell(self, lines: str) -> str:
        """The output of Nameko's own shell for these lines."""
        nameko = Path(sys.executable).with_name("nameko")
        done = subprocess.run(
            [nameko, "shell", "--config", ROOT / "config.yaml", "--interface", "plain"],
            input=lines,
            capture_output=True,
            text=True,
            env=self._environment(),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.replace(">>> ", "")


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
