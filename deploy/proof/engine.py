"""A Docker Engine of our own, from Debian's package: never the machine's."""

import os
import signal
import subprocess
from pathlib import Path
from typing import IO

from deploy.proof.commands import Failed, run, wait_until

SECONDS_TO_START = 60
SECONDS_TO_END = 60


class Engine:
    """One engine, with all that it keeps in a folder.

    Args:
        folder: images in it are kept for the next time.
        config: a folder for DOCKER_CONFIG, with the plugin `compose`.
    """

    def __init__(self, folder: Path, config: Path) -> None:
        self.folder, self._config = folder, config
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "dockerd.log"

    def __enter__(self) -> "Engine":
        with self._log.open("wb") as log:
            # In a session of its own: Ctrl-C is for us, and we then end it in order.
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until(self._is_ready, SECONDS_TO_START, f"the Docker Engine (see {self._log})")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(SECONDS_TO_END)

    def docker(self, *arguments: str | Path) -> str:
        """The output of `docker …`. Raises: Failed."""
        return run("docker", *arguments, env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which any `docker` talks to this engine."""
        # Debian's engine comes without BuildKit's client part.
        return {"DOCKER_HOST": self._address, "DOCKER_CONFIG": str(self._config), "DOCKER_BUILDKIT": "0"}

    def has(self, image: str) -> bool:
        return bool(self.docker("image", "ls", "--quiet", image))

    def import_image(self, name: str, archive: IO[bytes] | None) -> None:
        """Make an image of a root file system, a tar archive."""
        command = ["docker", "import", "-", name]
        subprocess.run(
            command, stdin=archive, stdout=subprocess.DEVNULL, check=True, env={**os.environ, **self.environment}
        )

    @property
    def _address(self) -> str:
        return f"unix://{self.folder / 'docker.sock'}"

    def _command(self) -> list[str | Path]:
        at = self.folder
        return [
            "dockerd", "--host", self._address, "--pidfile", at / "docker.pid",
            "--data-root", at / "data", "--exec-root", at / "exec",
            "--bip", "172.29.0.1/24", "--default-address-pool", "base=172.30.0.0/16,size=24",
            "--storage-driver", "overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs",
            "--default-ulimit", "nofile=1024:4096",
        ]  # fmt: skip

    def _is_ready(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise Failed(f"The Docker Engine ended:\n{self._log.read_text()[-3000:]}")
        try:
            return bool(self.docker("version", "--format", "{{.Server.Version}}"))
        except Failed:
            return False
