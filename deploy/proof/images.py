"""Stand-ins for the images that compose.yaml and the Dockerfile name, under the same names."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy.proof.commands import ROOT, say
from deploy.proof.debian import Account, debian, python_of
from deploy.proof.engine import Engine
from deploy.proof.packages import node_modules, wheels

STAND_INS = Path(__file__).with_name("stand_ins")

SERVERS = ("bash", "curl", "nginx", "rabbitmq-server", "redis-server", "postgresql-17", "nodejs")
ACCOUNTS = (
    Account("postgres", 999, "/var/lib/postgresql"),
    Account("rabbitmq", 999, "/var/lib/rabbitmq"),
    Account("redis", 999, "/data"),
    Account("nginx", 101, "/nonexistent"),
)
"""With the numbers that compose.yaml names, which are those of the official images."""


@dataclass(frozen=True)
class Materials:
    """The materials that stand-ins are made of.

    Args:
        roots: file systems of Debian.
        more: a folder for the stand-in of that name.
    """

    roots: Sequence[Path]
    more: Mapping[str, Path]


def python_image() -> str:
    """That the shop's own image is built from."""
    [image] = set(re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    return str(image)


def server_images() -> Mapping[str, str]:
    """Those of broker, databases and proxy, by service."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return {name: service["image"] for name, service in services.items() if "build" not in service}


def gather(folder: Path) -> Materials:
    """Get everything that stand-ins are made of; files that are in the folder already are not asked for again."""
    say("Gathering packages from Debian's, pip's and npm's servers")
    bookworm = debian("bookworm", folder, ["python3", "python3-venv"])
    python, locked = python_of(bookworm), ROOT / "requirements.lock"
    return Materials(
        roots=(bookworm, debian("trixie", folder, SERVERS, ACCOUNTS)),
        more={
            "python": wheels(folder, locked, python, "secantusdb", "pymongo"),
            "couchdb": node_modules(folder / "couchdb", "pouchdb-server"),
        },
    )


def make(engine: Engine, materials: Materials) -> None:
    """Make all stand-ins; the engine does again only what has changed since an earlier run."""
    wanted = {"python": python_image(), **server_images()}
    say(f"Making stand-ins for {', '.join(wanted.values())}")
    for root in materials.roots:
        _import(engine, root)
    for name, image in wanted.items():
        _build(engine, name, image, materials.more.get(name))


def _import(engine: Engine, root: Path) -> None:
    """A root file system as the image `stand-in:<release>`."""
    name = f"stand-in:{root.name}"
    if engine.has(name):
        return
    tar = subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE)
    engine.import_image(name, tar.stdout)
    tar.wait()


def _build(engine: Engine, name: str, image: str, more: Path | None) -> None:
    with tempfile.TemporaryDirectory(dir=engine.folder) as context:
        shutil.copytree(STAND_INS / name, context, dirs_exist_ok=True)
        if more:
            shutil.copytree(more, Path(context, more.name), copy_function=os.link, symlinks=True)
        engine.docker("build", "--quiet", "--tag", image, "--build-arg", f"PYTHON={python_image()}", context)
