"""The front door of compose.yaml as a process of its own: the same configuration, with other addresses."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from tests.support.waiting import LIMIT, wait_for_exit, wait_until
from tools.chaos.ports import free_ports

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx"
PROGRAM = Path("/usr/sbin/nginx")


class Nginx:
    """One nginx, on a port of its own.

    Args:
        addresses: host:port of the gateway, the storefront and the backoffice.
    """

    def __init__(self, folder: Path, addresses: Mapping[str, str]) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._configuration, self._prefix = folder / "etc", folder / "run"
        self._prefix.mkdir()
        shutil.copytree(CONFIGURATION, self._configuration)
        main = self._configuration / "nginx.conf"
        main.write_text(main.read_text().replace("listen 8080", f"listen 127.0.0.1:{port}"))
        told = "".join(f'map "" ${name} {{ default {address}; }}\n' for name, address in addresses.items())
        (self._configuration / "addresses.conf").write_text(told)
        self._log = folder / "nginx.log"
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def require_installed() -> None:
        if not PROGRAM.exists():
            pytest.skip("needs nginx: run `make servers` as root on Debian or Ubuntu")

    def start(self) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command("daemon off;"), stdout=log, stderr=log)
        wait_until(self._answers, "nginx")

    def check(self) -> str:
        """The output of `nginx -t`."""
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False).stderr

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            wait_for_exit(self._process, "nginx")

    @property
    def log(self) -> str:
        return self._log.read_text()

    def _command(self, directives: str = "") -> list[str | Path]:
        # As root, its workers would be somebody who may not enter a test's folder.
        directives += " user root;" if os.geteuid() == 0 else ""
        return [
            *(PROGRAM, "-p", self._prefix, "-c", self._configuration / "nginx.conf"),
            *("-e", "stderr", "-g", directives),
        ]

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            return requests.get(f"{self.url}/metrics", timeout=LIMIT).status_code > 0
        except requests.ConnectionError:
            return False
