"""Which Python `make` sets up `.venv` with, and what it says where there is none."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("cat", "dirname", "grep", "head", "mkdir", "sed", "sh", "sort", "tail")
PYTHON = """\
#!/bin/sh
# Python {version} with{out} what virtual environments need.
case $1 in
-c) exec {python} -c 'import sys; sys.version_info = ({major}, {minor}); {lack}; exec(sys.argv[1])' "$2" ;;
-m) mkdir -p "$3/bin" && echo "$0" >"$3/bin/python" ;;
esac
"""
GONE = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"


class Machine:
    """A machine with nothing on it but what make needs, and what a test puts there."""

    def __init__(self, folder):
        self.bin, self.venv = folder / "bin", folder / "venv"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.has("uname", "#!/bin/sh\necho Linux\n")

    def has(self, command, program="#!/bin/sh\n"):
        (self.bin / command).write_text(program)
        (self.bin / command).chmod(0o755)

    def has_python(self, command, version, *, venv=True):
        major, minor = version.split(".")
        out, lack = ("", "0") if venv else ("out", 'sys.modules["ensurepip"] = None')
        self.has(command, PYTHON.format(python=sys.executable, **locals()))

    def make(self, *arguments):
        """Set up a virtual environment. Returns: the command that was chosen, or None, and what was said."""
        place = f"{self.venv}/bin/python"
        environment = {"PATH": str(self.bin), "HOME": os.environ["HOME"]}
        command = [shutil.which("make"), f"VENV={self.venv}", place, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        chosen = Path(Path(place).read_text().strip()).name if Path(place).exists() else None
        assert (done.returncode == 0) == (chosen is not None), done.stderr
        return chosen, re.sub(r"\nmake: .*", "", done.stderr).strip().splitlines()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_systems_own_python_is_taken_if_the_shop_runs_on_it(machine, version):
    machine.has_python("python3", version)
    machine.has_python("python3.14", "3.14")

    assert machine.make() == ("python3", [])


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.15"])
def test_beside_one_that_is_too_old_or_too_new_the_newest_that_fits_is_taken(machine, version):
    machine.has_python("python3", version)
    for other in ("3.11", "3.13", "3.12"):
        machine.has_python(f"python{other}", other)

    assert machine.make() == ("python3.13", [])


def test_what_has_no_venv_or_does_not_run_is_passed_over(machine):
    machine.has_python("python3", "3.14", venv=False)
    machine.has("python3.13", GONE)
    machine.has_python("python3.12", "3.12")

    assert machine.make() == ("python3.12", [])


def test_the_one_that_is_named_is_taken(machine):
    machine.has_python("python3", "3.14")
    machine.has_python("python3.12", "3.12")

    assert machine.make("PYTHON=python3.12") == ("python3.12", [])


def test_no_other_is_taken_for_the_one_that_is_named(machine):
    machine.has_python("python3", "3.14")

    chosen, said = machine.make("PYTHON=python3.12")

    assert chosen is None
    assert said[1:] == [
        "Looked for python3.12: none found.",
        "Without PYTHON=python3.12, another one is looked for.",
    ]


@pytest.mark.parametrize(
    ("manager", "remedy"),
    [
        ("apt-get", "apt install python3 python3-venv"),
        ("dnf", "dnf install python3"),
        ("pacman", "pacman -S python"),
    ],
)
def test_a_system_without_python_is_told_its_own_command(machine, manager, remedy):
    machine.has(manager)

    chosen, said = machine.make()

    assert chosen is None
    assert said == [
        "The shop needs Python 3.11 to 3.14 with its venv module.",
        "Looked for python3 python3.14 python3.13 python3.12 python3.11: none found.",
        f"To get one: {remedy}",
    ]


def test_where_only_venv_is_missing_the_command_brings_it(machine):
    machine.has("apt-get")
    machine.has_python("python3", "3.11", venv=False)

    _, said = machine.make()

    assert said[1].endswith(": python3 is Python 3.11 without venv.")
    assert said[2] == "To get one: apt install python3 python3-venv"


@pytest.mark.parametrize("version", ["3.9", "3.15"])
def test_where_the_systems_own_is_another_one_comes_from_elsewhere(machine, version):
    machine.has("apt-get")
    machine.has_python("python3", version)

    _, said = machine.make()

    assert said[1].endswith(f": python3 is Python {version}.")
    assert said[2:] == [
        "To get one: uv python install 3.14 (https://docs.astral.sh/uv/), or: pyenv install 3.14",
        'Then name it: make run PYTHON="$(uv python find 3.14)"',
    ]


@pytest.mark.parametrize("version", ["", "3.9", "3.15"])
def test_on_macos_homebrew_has_the_right_one(machine, version):
    machine.has("uname", "#!/bin/sh\necho Darwin\n")
    if version:
        machine.has_python("python3", version)

    _, said = machine.make()

    assert said[2:] == ["To get one: brew install python@3.14"]


def test_the_classifiers_say_the_same_as_the_package_requires():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    classified = re.findall(r"Python :: 3\.(\d+)", "\n".join(project["classifiers"]))
    lowest, above = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()

    assert [int(minor) for minor in classified] == list(range(int(lowest), int(above)))
