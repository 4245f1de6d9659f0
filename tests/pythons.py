"""Runs tests on other Pythons: `python -m tests.pythons [VERSION ...]`.

Without a version: on the oldest and the newest that the shop supports, but not on the one that this runs on, since
`make test` tests that. A Python is this machine's own; or else, as root on Debian, that of a Debian release, in a root
file system of its own. Everything is kept in `.pythons` for the next time. Tests that need a server are skipped where
it is not there, also with CI=true: `make test` runs them, on one Python.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.proof.commands import Failed, run, say
from deploy.proof.debian import debian, install_tools

ROOT = Path(__file__).parents[1]
KEPT = Path(".pythons")
TESTS = ("tests/unit", "tests/component", "tests/system/test_stories.py")

RELEASES = {"3.11": "bookworm", "3.13": "trixie", "3.14": "forky"}
"""Debian's, with the Python that each has."""

OF_THE_MACHINE = ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt")
"""How this machine reaches package servers."""

# The mounts are seen by the command alone, and are gone when it has ended. Git keeps a worktree's history elsewhere.
ENTER = """
mount --rbind /dev "$0/dev"
mount --bind /proc "$0/proc"
for place in "$PWD" "$(git rev-parse --path-format=absolute --git-common-dir)"; do
    mkdir -p "$0$place"
    mount --bind "$place" "$0$place"
done
exec chroot "$0" env --chdir="$PWD" "$@"
"""


@dataclass(frozen=True)
class Python:
    """A Python to test on.

    Args:
        environment: the folder of its virtual environment, from the top of the repository.
        enter: the words to put before a command that shall find it.
        variables: the differences in the command's environment.
    """

    version: str
    environment: Path
    enter: Sequence[str | Path] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    def passes(self) -> bool:
        """Set up its virtual environment and run the tests. Returns: whether all of that went well."""
        say(f"Python {self.version}: setting up {self.environment}, then running {', '.join(TESTS)}")
        set_up = ("make", f"VENV={self.environment}", f"PYTHON=python{self.version}", f"{self.environment}/dev")
        options = ("-q", "-rfE", "-o", f"cache_dir={self.environment}/pytest", "--hypothesis-seed=1", "-m", "not proof")
        tests = (f"{self.environment}/bin/python", "-m", "pytest", *options, *TESTS)
        return self.succeeds(*set_up) and self.succeeds(*tests)

    def succeeds(self, *command: str | Path) -> bool:
        environment = os.environ | self.variables | {"CI": "", "MAKEFLAGS": ""}
        return subprocess.run([*self.enter, *command], cwd=ROOT, env=environment).returncode == 0


def supported() -> Sequence[str]:
    """The versions that the package says it runs on, from the oldest to the newest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))


def usual(running: str) -> Sequence[str]:
    """The versions to test where none is named."""
    oldest, *_, newest = supported()
    return [version for version in (oldest, newest) if version != running]


def find(version: str) -> Python:
    """Raises: Failed, if there is no such Python, nor a way to get one."""
    on_machine = subprocess.run(["tools/find_python.sh", f"python{version}"], cwd=ROOT, capture_output=True)
    if on_machine.returncode == 0:
        return Python(version, KEPT / version)
    if version not in RELEASES:
        raise Failed("it is not on this machine, and no release of Debian has it")
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failed("it is not on this machine, and one of Debian's can only be set up as root on Debian")
    return of_debian(version, RELEASES[version])


def of_debian(version: str, release: str) -> Python:
    """A release's Python, with what the tests need of other programs. Raises: Failed, if that cannot be set up here."""
    say(f"Setting up Debian {release} for Python {version} (once; a few minutes)")
    install_tools("debootstrap")
    root = debian(release, ROOT / KEPT, ("git", "make", f"python{version}-venv"))
    for name in OF_THE_MACHINE:
        (root / name).unlink(missing_ok=True)
        if Path("/", name).exists():
            shutil.copy(Path("/", name), root / name)
    enter = ("unshare", "--mount", "sh", "-euc", ENTER, root)
    run(*enter, "true")
    return Python(
        version,
        environment=KEPT / f"{version}-{release}",
        enter=enter,
        variables={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"},
    )


def outcome(version: str) -> str:
    """The outcome of a version: `passed`, `failed`, or why it was not tested."""
    try:
        return "passed" if find(version).passes() else "failed"
    except Failed as reason:
        return f"not tested: {reason}"


def main(arguments: Sequence[str]) -> int:
    """Returns: the program's exit code. In CI, every version has to be tested."""
    wanted = arguments or usual(".".join(map(str, sys.version_info[:2])))
    outcomes = {version: outcome(version) for version in wanted}
    say("On other Pythons:", *(f"Python {version}: {came_out}" for version, came_out in outcomes.items()))
    tolerated = {"passed"} if os.environ.get("CI", "").lower() == "true" else {"passed", "not tested"}
    return 0 if {came_out.partition(":")[0] for came_out in outcomes.values()} <= tolerated else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
