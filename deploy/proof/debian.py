"""Debian's packages, from the mirror that this machine is set up to use."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.proof.commands import Failed, run, say

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

TOOLS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "iptables": "iptables",
    "ip": "iproute2",
    "debootstrap": "debootstrap",
    "npm": "npm",
}
"""Programs that a proof needs, and Debian's packages with them."""


@dataclass(frozen=True)
class Account:
    """A user of a server, with the number that the official image gives it."""

    name: str
    number: int
    home: str


def install_tools(*programs: str) -> None:
    """Install what is missing on this machine of these programs, or of all. Nothing is started."""
    missing = sorted({TOOLS[program] for program in programs or TOOLS if not shutil.which(program)})
    if missing:
        say(f"Installing {', '.join(missing)}")
        _install(Path("/"), missing)


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
    # debootstrap knows the releases up to its own; all are set up as sid is.
    run("debootstrap", "--variant=minbase", "--include=ca-certificates", release, root, mirror(), "sid")
    for account in accounts:
        _add(account, root)
    _install(root, packages)
    _tidy(root)
    whole.touch()
    return root


def python_of(root: Path) -> str:
    """The version of a file system's Python, such as 3.11.2."""
    return run("chroot", root, "python3", "-c", "import platform; print(platform.python_version())").strip()


def place_of_compose(folder: Path) -> Path:
    """Where `fetch_compose` puts it. Its second parent is a folder for DOCKER_CONFIG."""
    return folder / "docker-config" / "cli-plugins" / "docker-compose"


def fetch_compose(folder: Path) -> Path:
    """Docker's plugin `compose`, from a release of Debian that has it; it also runs by itself. Returns: its place."""
    plugin = place_of_compose(folder)
    if not plugin.exists():
        [package] = _download("trixie", folder / "apt", "docker-compose")
        run("dpkg", "-x", package, folder / "docker-compose")
        plugin.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / "docker-compose/usr/libexec/docker/cli-plugins/docker-compose", plugin)
    return plugin


def _add(account: Account, root: Path) -> None:
    """Several have the same number, each in an image of its own."""
    name, number = account.name, str(account.number)
    run("chroot", root, "groupadd", "--non-unique", "--gid", number, "--system", name)
    run(
        *("chroot", root, "useradd", "--non-unique", "--uid", number, "--gid", number, "--system"),
        *("--home-dir", account.home, "--no-create-home", name),
    )


def _install(root: Path, packages: Sequence[str]) -> None:
    # A folder for temporary files of our own is not in there.
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "TMPDIR": ""}
    options = ("-qq", "install", "--yes", "--no-install-recommends")
    # A mirror that is behind has a list of a release in the making which says that it is too old.
    run("chroot", root, "apt-get", "-qq", "update", "-o", "Acquire::Check-Valid-Until=false", env=quiet)
    with _nothing_started(root):
        run("chroot", root, "apt-get", *options, *packages, env=quiet)


@contextmanager
def _nothing_started(root: Path) -> Iterator[None]:
    """Packages start their service when they are installed, unless this file says no."""
    policy = root / "usr/sbin/policy-rc.d"
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _tidy(root: Path) -> None:
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
