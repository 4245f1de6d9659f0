"""The shop of compose.yaml, from a copy of the repository as a user would have it."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.proof.commands import ROOT, run, wait_until
from deploy.proof.engine import Engine

SECONDS_TO_START = 900
SECONDS_TO_RECOVER = 300

SETTINGS = "SHOP_RPC_TIMEOUT_SECONDS=30\n"
"""A dozen containers and a browser share the machine: a slow call there is not at fault."""

Container = dict[str, Any]


class Shop:
    """Its containers, and the address of its front door."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.folder = engine.folder / "checkout"
        self.port = _free_port()
        self.environment = {
            **engine.environment,
            "SHOP_ADDRESS": f"127.0.0.1:{self.port}",
            "SHOP_SEED": "--demo",
        }

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def back_office(self) -> str:
        return f"http://backoffice.localhost:{self.port}"

    @property
    def manager_password(self) -> str:
        return (self.folder / "deploy/secrets/manager_password").read_text()

    def check_out(self) -> None:
        """Copy the files of the repository, and make secrets. Files left by an earlier run are removed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        run(self.folder / "deploy/make-secrets.sh")
        (self.folder / "shop.env").write_text(SETTINGS)

    def up(self, *options: str) -> None:
        """Start all that does not run, and return when everybody is well. Raises: Failed."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", str(SECONDS_TO_START), *options)

    def remove(self) -> None:
        """End all, and forget the data."""
        self.compose("--profile", "tools", "down", "--volumes", "--remove-orphans", "--timeout", "20")

    def compose(self, *arguments: str) -> str:
        return run("docker", "compose", *arguments, env=self.environment, cwd=self.folder)

    def command(self, *arguments: str) -> str:
        """The output of the operator's command, `shop …`. Raises: Failed, where it says that something is wrong."""
        return self.compose("run", "--rm", "--no-TTY", "shop", *arguments)

    def containers(self, service: str = "") -> Sequence[Container]:
        """As `docker inspect` tells of them."""
        ids = self.compose("ps", "--all", "--quiet", *([service] if service else [])).split()
        found: Sequence[Container] = json.loads(self._engine.docker("inspect", *ids)) if ids else []
        return found

    def kill(self, service: str) -> None:
        """End the first container of a service as a power cut would. The engine has to start it again by itself."""
        container = self.containers(service)[0]
        before = container["RestartCount"]
        os.kill(container["State"]["Pid"], signal.SIGKILL)
        wait_until(
            lambda: self._restarts(container["Id"]) > before, SECONDS_TO_RECOVER, f"{service} to be started again"
        )

    def wait_until_well(self) -> None:
        """Returns when every container that lasts is healthy."""
        wait_until(lambda: not self.unwell(), SECONDS_TO_RECOVER, "all containers to be well")

    def unwell(self) -> Mapping[str, str]:
        """Containers that are not healthy, and what they are instead."""
        states = {container["Name"]: container["State"] for container in self.containers()}
        return {
            name: state.get("Health", {}).get("Status", state["Status"])
            for name, state in states.items()
            if state.get("Health", {}).get("Status") != "healthy" and not _has_done_its_work(state)
        }

    def logs(self) -> str:
        """The last lines of each container."""
        return self.compose("logs", "--no-color", "--tail", "40")

    def _restarts(self, container: str) -> int:
        return int(self._engine.docker("inspect", "--format", "{{.RestartCount}}", container))


def _has_done_its_work(state: Container) -> bool:
    return bool(state["Status"] == "exited" and state["ExitCode"] == 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
