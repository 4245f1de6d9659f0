"""Stand-ins for the images that compose.yaml and the Dockerfile name, under the same names."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from deploy.proof.commands import ROOT, say
from deploy.proof.engine import Engine
from deploy.proof.packages import Account, debian, node_modules, python_of, wheels

STAND_INS = Path(__file__).with_name("stand_ins")

SERVERS = ("bash", "curl", "nginx", "rabbitmq-server", "redis-server", "postgresql-17", "nodejs")
ACCOUNTS = (
    Account("postgres", 999, "/var/lib/postgresql"),
    Account("rabbitmq", 999, "/var/lib/rabbitmq"),
    Account("redis", 999, "/data"),
    Account("nginx", 101, "/nonexistent"),
)
"""With the numbers that compose.yaml names, which are those of the official images."""


def python_image() -> str:
    """That the shop's own image is built from."""
    [image] = set(re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    return str(image)


def server_images() -> Mapping[str, str]:
    """Those of broker, databases and proxy, by service."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return {name: service["image"] for name, service in services.items() if "build" not in service}


def make(engine: Engine, folder: Path) -> None:
    """Make all of them, unless the engine has them from an earlier run."""
    wanted = {"python": python_image(), **server_images()}
    missing = {name: image for name, image in wanted.items() if not engine.has(image)}
    if not missing:
        return
    say(f"Making stand-ins for {', '.join(missing.values())}")
    bookworm = debian("bookworm", folder, ["python3", "python3-venv"])
    _import(engine, bookworm)
    _import(engine, debian("trixie", folder, SERVERS, ACCOUNTS))
    more = {
        "python": wheels(folder / "wheels", ROOT / "requirements.lock", python_of(bookworm), "secantusdb", "pymongo"),
        "couchdb": node_modules(folder / "couchdb", "pouchdb-server"),
    }
    for name, image in missing.items():
        _build(engine, name, image, more.get(name))


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
