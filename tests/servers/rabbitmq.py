"""A RabbitMQ for tests: the private one of `shop chaos`, with virtual hosts, and ways to look into it."""

import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.chaos import rabbitmq
from tools.chaos.rabbitmq import SERVER


class RabbitMQ(rabbitmq.RabbitMQ):
    """One broker, on ports of its own, with its data in a folder."""

    @staticmethod
    def require_installed() -> None:
        if not SERVER.exists() or not shutil.which("epmd"):
            pytest.skip("needs RabbitMQ: run `make servers` as root on Debian or Ubuntu")

    def uri_of(self, host: str) -> str:
        """Of a virtual host, which is made if there is none: its queues and exchanges are apart from all others."""
        self._tell(
            f'Host = <<"{host}">>, All = <<".*">>, By = <<"tests">>, rabbit_vhost:add(Host, By), '
            'rabbit_auth_backend_internal:set_permissions(<<"guest">>, Host, All, All, All, By).'
        )
        return f"{self.uri}{host}"

    def pause(self) -> None:
        """Have it do nothing, with all its connections open: no client is told that it is away."""
        self.running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.running.send_signal(signal.SIGCONT)

    def define(self, definitions: Path) -> None:
        """Make the users, permissions and virtual hosts of a file."""
        self._control("import_definitions", str(definitions))

    def list(self, what: str, host: str, *columns: str) -> list[dict[str, Any]]:
        """Its queues, exchanges, bindings … in a virtual host."""
        found: list[dict[str, Any]] = json.loads(
            self._control(f"list_{what}", "--vhost", host, "--formatter", "json", "--silent", *columns)
        )
        return found

    def _tell(self, expression: str) -> None:
        """Have the server evaluate an expression of its language."""
        self._control("eval", expression)

    def _control(self, *arguments: str) -> str:
        """The output of its own tool."""
        told = subprocess.run(
            [SERVER.with_name("rabbitmqctl"), "--node", self.node, *arguments],
            env=self.environment(), cwd=self.folder, capture_output=True, text=True,
        )  # fmt: skip
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout
