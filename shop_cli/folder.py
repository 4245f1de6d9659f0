"""The data folder of a shop in one process: all its files, and the lock that allows one process only."""

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import click

from shop_cli.refusal import Refusal

DEFAULT = "var"

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class DataFolder:
    """Paths of a shop's files. The disk is not touched before `claim`."""

    path: Path

    @classmethod
    def at(cls, path: str | Path) -> Self:
        return cls(Path(path).expanduser().absolute())

    def __str__(self) -> str:
        here = Path.cwd()
        return f"./{self.path.relative_to(here)}" if self.path.is_relative_to(here) else str(self.path)

    @property
    def socket(self) -> Path:
        return self.path / "shop.sock"

    @property
    def broker_file(self) -> Path:
        """File in which a shop of several processes records how to reach it."""
        return self.path / "shop.broker"

    @property
    def log_file(self) -> Path:
        return self.path / "shop.log"

    def database(self, name: str) -> str:
        """The URL of an SQLite database in the folder."""
        return f"sqlite:///{self.path / name}.db"

    def claim(self) -> "Claim":
        """Create the folder if needed, and lock it against other processes.

        Raises:
            Refusal: the folder is not writable, is in use, or has a path that does not fit a database URL.
        """
        if bad := set("?#{}%") & set(str(self.path)):
            raise Refusal(f"The data folder {self} cannot be used: its path has {' '.join(sorted(bad))} in it.")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / "shop.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refusal(f"The data folder {self} cannot be written to: {error.strerror}.") from error
        return self._locked(descriptor)

    def _locked(self, descriptor: int) -> "Claim":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise Refusal(
                f"A shop is already running in {self} (pid {holder or 'unknown'}). "
                "Stop it, or choose another folder with --data."
            ) from error
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return Claim(descriptor)


@dataclass(frozen=True)
class Claim:
    """A locked folder. The kernel releases the lock when the process ends, even if killed."""

    descriptor: int

    def __enter__(self) -> "Claim":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def data_option(command: Command) -> Command:
    """Adds the option --data; the command gets a `DataFolder` as `folder`."""
    return click.option(
        "--data",
        "folder",
        envvar="SHOP_DATA",
        default=DEFAULT,
        metavar="DIR",
        show_default=True,
        type=DataFolder.at,
        help="Data folder of the shop.",
    )(command)
