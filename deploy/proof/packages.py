"""Further materials of stand-ins: packages from pip's and npm's servers, as this machine is set up to use them."""

import re
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from packaging.markers import Marker

from deploy.proof.commands import run


def wheels(folder: Path, locked: Path, python: str, *packages: str) -> Path:
    """The wheels that pip needs to install these offline.

    Args:
        locked: a file with pins and hashes.
        python: the version that they are for. Its second number has to be this Python's.
    """
    whole = folder / sha256(locked.read_bytes()).hexdigest()[:12] / "wheels"
    if not whole.exists():
        fresh = whole.with_name("fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        download = (sys.executable, "-m", "pip", "download", "--quiet", "--dest", fresh, "--no-build-isolation")
        fresh.mkdir(parents=True)
        (fresh / "pins").write_text(pins_for(locked.read_text(), python))
        run(*download, "--requirement", fresh / "pins")
        run(*download, *packages)
        fresh.rename(whole)
    return whole


def pins_for(locked: str, python: str) -> str:
    """The pins that this version of Python needs, without the conditions under which it does."""
    place = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    pins = []
    for pin in re.split(r"\n(?=\S)", locked):
        condition = re.match(r"\S+ ; (.*?) \\\n", pin)
        if condition is None or Marker(condition[1]).evaluate(place):
            pins.append(re.sub(r" ; .*? \\\n", " \\\\\n", pin, count=1))
    return "\n".join(pins)


def node_modules(folder: Path, package: str) -> Path:
    """A package for Node.js with all that it needs."""
    modules = folder / "node_modules"
    if not modules.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Nothing is compiled: what would be is not needed, or comes compiled, too.
        options = ("--ignore-scripts", "--omit=optional", "--no-save", "--no-package-lock", "--loglevel=error")
        run("npm", "install", *options, "--prefix", folder, package)
    return modules
