"""What stand-ins for images are made of, from the package servers that this machine is set up to use."""

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

from deploy.proof.commands import Failed, run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Account:
    """A user of a server, with the number that the official image gives it."""

    name: str
    number: int
    home: str


def mirror() -> str:
    """The Debian mirror that this machine's apt uses."""
    sites = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Component: main")
    for site in sites.split():
        if "security" not in site:
            return site
    raise Failed("The proof needs Debian's apt, with a mirror of Debian.")


def debian(release: str, folder: Path, packages: Sequence[str], accounts: Sequence[Account] = ()) -> Path:
    """A root file system of Debian with these packages; kept for the next time when it is whole."""
    root, whole = folder / release, folder / f"{release}.whole"
    if whole.exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    run("debootstrap", "--variant=minbase", "--include=ca-certificates", release, root, mirror())
    for account in accounts:
        _add(account, root)
    _install(root, packages)
    whole.touch()
    return root


def python_of(root: Path) -> str:
    """The version of a file system's Python, such as 3.11.2."""
    return run("chroot", root, "python3", "-c", "import platform; print(platform.python_version())").strip()


def wheels(folder: Path, locked: Path, python: str, *packages: str) -> Path:
    """What pip needs to install these without asking anybody.

    Args:
        locked: a file with pins and hashes.
        python: the version that they are for. Its second number has to be this Python's.
    """
    if not folder.exists():
        fresh = folder.with_suffix(".fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        download = (sys.executable, "-m", "pip", "download", "--quiet", "--dest", fresh, "--no-build-isolation")
        fresh.mkdir()
        (fresh / "pins").write_text(pins_for(locked.read_text(), python))
        run(*download, "--requirement", fresh / "pins")
        run(*download, *packages)
        fresh.rename(folder)
    return folder


def node_modules(folder: Path, package: str) -> Path:
    """A package for Node.js with all that it needs."""
    modules = folder / "node_modules"
    if not modules.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Nothing is compiled: what would be is not needed, or comes compiled, too.
        options = ("--ignore-scripts", "--omit=optional", "--no-save", "--no-package-lock", "--loglevel=error")
        run("npm", "install", *options, "--prefix", folder, package)
    return modules


def compose_plugin(folder: Path) -> Path:
    """Docker's plugin `compose`, from a release of Debian that has it. Returns: a folder for DOCKER_CONFIG."""
    config = folder / "docker-config"
    plugin = config / "cli-plugins" / "docker-compose"
    if not plugin.exists():
        [package] = _download("trixie", folder / "apt", "docker-compose")
        run("dpkg", "-x", package, folder / "docker-compose")
        plugin.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / "docker-compose/usr/libexec/docker/cli-plugins/docker-compose", plugin)
    return config


def pins_for(locked: str, python: str) -> str:
    """The pins that this version of Python needs, without the conditions under which it does."""
    place = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    pins = []
    for pin in re.split(r"\n(?=\S)", locked):
        condition = re.match(r"\S+ ; (.*?) \\\n", pin)
        if condition is None or Marker(condition[1]).evaluate(place):
            pins.append(re.sub(r" ; .*? \\\n", " \\\\\n", pin, count=1))
    return "\n".join(pins)


def _add(account: Account, root: Path) -> None:
    """Several have the same number, each in an image of its own."""
    name, number = account.name, str(account.number)
    run("chroot", root, "groupadd", "--non-unique", "--gid", number, "--system", name)
    run(
        *("chroot", root, "useradd", "--non-unique", "--uid", number, "--gid", number, "--system"),
        *("--home-dir", account.home, "--no-create-home", name),
    )


def _install(root: Path, packages: Sequence[str]) -> None:
    policy = root / "usr/sbin/policy-rc.d"  # packages start nothing
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    options = ("-qq", "install", "--yes", "--no-install-recommends")
    run("chroot", root, "apt-get", "-qq", "update", env=quiet)
    run("chroot", root, "apt-get", *options, *packages, env=quiet)
    run("chroot", root, "apt-get", "clean")
    shutil.rmtree(root / "var/lib/apt/lists")
    # It says which package server this machine uses, and that is nobody's business.
    (root / "etc/apt/sources.list").unlink()


def _download(release: str, folder: Path, *packages: str) -> Sequence[Path]:
    """Packages of another release than this machine's, without a change to its apt."""
    lists, cache = folder / "lists", folder / "cache"
    for part in (lists / "partial", cache / "archives/partial"):
        part.mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {release} main\n")
    options = [
        *("-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=/nonexistent"),
        *("-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={cache}", "-o", "APT::Sandbox::User=root"),
    ]
    run("apt-get", "-qq", *options, "update")
    run("apt-get", "-qq", *options, "download", *packages, cwd=folder)
    return sorted(folder.glob("*.deb"))
