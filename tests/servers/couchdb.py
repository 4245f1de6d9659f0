"""A server that speaks CouchDB's HTTP API, for tests.

CouchDB itself, where `COUCHDB_TEST_URL` says where one runs: `couchdb://user:password@127.0.0.1:5984`. Otherwise
PouchDB Server from npm, a stand-in in JavaScript, on a port of its own, with its data in memory. It is more lenient
than CouchDB, and has one process where a cluster has many. It cannot show:

* CouchDB's own view engine, its order of texts (by ICU), and how long it takes to compute views;
* `_revs_limit`, which it refuses, and revisions that are compacted away;
* users and their rights, beyond whether a password is right;
* what is on disk after the power is cut, and answers of a cluster whose nodes do not see each other.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.waiting import LIMIT, wait_for_exit, wait_until
from tools.chaos.ports import free_ports

FOLDER = Path(sys.prefix) / "couchdb"
PROGRAM = FOLDER / "node_modules" / "pouchdb-server" / "bin" / "pouchdb-server"
"""Where `tests/servers/install_couchdb.sh` puts it."""


USER, PASSWORD = "tests", "a good password"


class CouchDB:
    """One server. Each test names databases of its own.

    Args:
        folder: of its data, if it is ours.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        given = urlsplit(os.environ.get("COUCHDB_TEST_URL", ""))
        self.is_ours = not given.hostname
        self.host = given.hostname or "127.0.0.1"
        self.port = given.port or free_ports(1)[0]
        self.auth = (given.username or USER, given.password or PASSWORD)
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def require_installed() -> None:
        if "COUCHDB_TEST_URL" not in os.environ and not (PROGRAM.exists() and shutil.which("node")):
            pytest.skip("needs CouchDB: run `make servers` with Node.js and npm installed")

    def url(self, prefix: str, port: int | None = None) -> str:
        """For the configuration; through another port than the server's own, if there is one in between."""
        user, password = (requests.utils.quote(part, safe="") for part in self.auth)
        return f"couchdb://{user}:{password}@{self.host}:{port or self.port}/{prefix}"

    def databases(self, prefix: str) -> list[str]:
        """The names of those that begin like this."""
        return [name for name in self._call("GET", "_all_dbs").json() if name.startswith(prefix)]

    def create(self, name: str) -> None:
        """Make a database with nothing in it."""
        assert self._call("PUT", name).ok

    def delete(self, prefix: str) -> None:
        """Delete all databases that begin like this."""
        for name in self.databases(prefix):
            self._call("DELETE", name)

    def start(self) -> None:
        """Start it, and return when it answers."""
        if self.is_ours:
            self._launch()
        wait_until(self._answers, "CouchDB")

    @property
    def pid(self) -> int:
        assert self._process is not None, "CouchDB is not ours"
        return self._process.pid

    def close(self) -> None:
        """End it at once, and lose what it has."""
        if self._process is not None:
            self._process.kill()
            wait_for_exit(self._process, "CouchDB")
            self._process = None

    def _launch(self) -> None:
        settings = {"admins": dict([self.auth]), "log": {"file": str(self._folder / "server.log")}}
        (self._folder / "config.json").write_text(json.dumps(settings))
        with (self._folder / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["node", PROGRAM, "--host", self.host, "--port", str(self.port), "--no-stdout-logs",
                 "--in-memory", "--config", self._folder / "config.json"],
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _answers(self) -> bool:
        assert self._process is None or self._process.poll() is None, self._last_words()
        try:
            return self._call("GET", "_all_dbs").ok
        except requests.RequestException:
            return False

    def _call(self, method: str, path: str) -> requests.Response:
        return requests.request(method, f"http://{self.host}:{self.port}/{path}", auth=self.auth, timeout=LIMIT)

    def _last_words(self) -> str:
        return (self._folder / "output.log").read_text(errors="replace")[-2000:]
