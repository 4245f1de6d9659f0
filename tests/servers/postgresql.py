"""A PostgreSQL of our own, from Debian's package: never the machine's."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.support.waiting import LIMIT, wait_for_exit, wait_until
from tools.chaos.ports import free_ports

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
HAS_ICU = bool(PROGRAMS) and int(PROGRAMS[-1].parts[-3]) >= 15

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
}

NOT_DURABLE = {
    # Whoever kills the server leaves the operating system alone, so nothing is lost without these.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class PostgreSQL:
    """One server, on a port and with data of its own. It refuses to run as root, and runs as `nobody` then.

    Args:
        durable: as it comes, so that it survives a power cut, too, and takes its time for that.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
        (self.port,) = free_ports(1)
        # Not in a test's folder: those can be entered by their owner only.
        self._folder = Path(tempfile.mkdtemp(prefix="shop-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def require_installed() -> None:
        if not PROGRAMS:
            pytest.skip("needs PostgreSQL: run `make servers` as root on Debian or Ubuntu")

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's."""
        return f"postgresql+psycopg2://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "PostgreSQL was not started"
        return self._process.pid

    def create_database(self, name: str, *, language: str = "") -> str:
        """The URL of a new database.

        Args:
            language: texts are sorted as it does, where the server can; else by code points.
        """
        order = f"TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE '{language}'" if language and HAS_ICU else ""
        self.execute("postgres", f'CREATE DATABASE "{name}" {order}')
        return self.url(name)

    def execute(self, database: str, statements: str) -> None:
        connection = self._connected(database)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statements)
        connection.close()

    def has_table(self, database: str, name: str) -> bool:
        connection = self._connected(database)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (name,))
            (found,) = cursor.fetchone()
        connection.close()
        return bool(found)

    def create_schema(self, name: str) -> str:
        """The URL of a new schema: as good as a database for who needs many, and made much faster."""
        connection = self._connected()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{name}"')
        connection.close()
        return f"{self.url()}?options=-csearch_path%3D{name}"

    def start(self) -> None:
        """Start it, and return when it takes connections. Data of an earlier start are kept."""
        if not (self._folder / "data").exists():
            self._initialize()
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        self._process = self._run("postgres", "-D", "data", "-p", str(self.port), *settings)
        wait_until(self._answers, "PostgreSQL")

    def stop(self) -> None:
        """End it in order, without waiting for its clients."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """End it and remove its data."""
        self.kill()
        shutil.rmtree(self._folder)

    def _initialize(self) -> None:
        if os.getuid() == 0:
            os.chown(self._folder, *_nobody())
        made = self._run(
            "initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        assert wait_for_exit(made, "initdb") == 0, self._last_words()

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        user, group = _nobody() if os.getuid() == 0 else (None, None)
        with (self._folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                [PROGRAMS[-1].with_name(program), *arguments],
                cwd=self._folder,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user,
                group=group,
                extra_groups=None if user is None else (),
            )

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._last_words()
        try:
            self._connected().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _connected(self, database: str = "postgres") -> Any:
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, connect_timeout=int(LIMIT)
        )

    def _last_words(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")[-2000:]

    def _end(self, how: signal.Signals) -> None:
        """Its signals are its own: SIGTERM would wait for clients, and SIGKILL leave its children behind."""
        if self._process is None:
            return
        self._process.send_signal(how)
        wait_for_exit(self._process, "PostgreSQL")
        self._process = None


def _nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid
