"""Running other programs."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Failed(Exception):
    """A program failed, or something did not come about in time."""


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    """The program's output. Raises: Failed, with the program's message."""
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}".strip()
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said}")
    return done.stdout


def wait_until(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    """Raises: Failed, if it is not so in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise Failed(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(0.5)


def say(text: str, *details: str) -> None:
    """Tell whoever waits how far it has come."""
    sys.stdout.write(f"[{time.monotonic() - _STARTED:6.1f} s] {text}\n" + "".join(f"{detail}\n" for detail in details))
    sys.stdout.flush()


_STARTED = time.monotonic()
