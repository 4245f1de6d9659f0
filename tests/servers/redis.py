"""A Redis of our own, from Debian's package: never the machine's."""

import shutil
import signal
import subprocess
from itertools import count
from pathlib import Path

import pytest
from redis import Redis as Client
from redis.exceptions import RedisError

from tests.support.waiting import wait_for_exit, wait_until
from tools.chaos.ports import free_ports

DATABASES = 1000
"""More than tests ask for: some of them keep theirs to the end."""


class Redis:
    """One server, on a port and with data of its own, which it keeps as the shop's documentation asks for."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)

    @staticmethod
    def require_installed() -> None:
        if not shutil.which("redis-server"):
            pytest.skip("needs Redis: run `make servers` as root on Debian or Ubuntu")

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def client(self, database: int = 0) -> Client:
        return Client.from_url(self.url(database), decode_responses=True)

    def empty_database(self) -> str:
        """The URL of one that nobody has used before."""
        return self.url(next(self._numbers))

    @property
    def pid(self) -> int:
        assert self._process is not None, "Redis was not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and return when it has read its data of an earlier start and answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)),
                    *("--appendonly", "yes", "--save", "", "--databases", str(DATABASES)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would; but for what the operating system has still to write."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        self.kill()

    def _wait_until_ready(self) -> None:
        with self.client() as client:
            wait_until(lambda: self._answers(client), "Redis")

    def _answers(self, client: Client) -> bool:
        assert self.is_running, self._last_words()
        try:
            client.ping()
        except RedisError:
            return False
        return True

    def _last_words(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")[-2000:]

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        wait_for_exit(self._process, "Redis")
        self._process = None
