"""Docker's `compose`, which tests have read compose.yaml: the machine's, or one of our own from Debian.

`python -m tests.servers.docker_compose` fetches it where there is none. It needs no Docker Engine to read the file.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.proof.commands import Failed
from deploy.proof.debian import fetch_compose, place_of_compose

FOLDER = Path(__file__).parents[2] / ".venv" / "docker-compose"


def command() -> Sequence[str]:
    """The command to put before the arguments of `compose`. Skips the test where there is none."""
    found = _machines() or _ours()
    if not found:
        pytest.skip("needs Docker's `compose`: run `make servers` as root on Debian")
    return found


def install() -> None:
    """Fetch it, unless it is there. Where this is not possible, it says so and succeeds."""
    if _machines() or _ours():
        return
    sys.stdout.write(f"Fetching docker-compose into {FOLDER.name} for the tests (once; half a minute) ...\n")
    sys.stdout.flush()
    try:
        fetch_compose(FOLDER)
    except (Failed, OSError) as failure:
        reason = str(failure).strip().splitlines()[-1]
        sys.stderr.write(f"compose.yaml will not be read by Docker's `compose`: {reason}\n")


def _machines() -> Sequence[str]:
    docker = shutil.which("docker")
    found = docker and not subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    return [docker, "compose"] if docker and found else []


def _ours() -> Sequence[str]:
    plugin = place_of_compose(FOLDER)
    return [str(plugin)] if plugin.exists() else []


if __name__ == "__main__":
    install()
