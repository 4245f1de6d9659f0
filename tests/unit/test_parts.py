"""The parts of the suite that `make test` runs side by side."""

import sys

import pytest

from tests import parts
from tests.parts import AWAY, BESIDE, BY_ITSELF, FAULTS, LAST, PARTS, ROOT

FOLDERS = {f"tests/{path.parent.relative_to(ROOT / 'tests').parts[0]}" for path in ROOT.glob("tests/*/**/test_*.py")}


def test_each_folder_with_tests_is_in_one_part():
    assert sorted(
        place for places in (PARTS | BESIDE).values() for place in places if (ROOT / place).is_dir()
    ) == sorted(FOLDERS)


def test_what_runs_apart_from_its_folder_is_there_and_runs_once():
    assert all((ROOT / file).is_file() for file in (*FAULTS, *AWAY, *BY_ITSELF))
    assert set(PARTS["system"]) == {"tests/system", *(f"--ignore={file}" for file in (*FAULTS, *AWAY, *BY_ITSELF))}


@pytest.fixture
def in_place_of_pytest(tmp_path, monkeypatch):
    """Have a few lines of shell run for each part: a pytest would take seconds to start."""

    def stand_in(lines):
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))

    return stand_in


def test_a_part_that_fails_fails_the_whole_and_is_named(in_place_of_pytest, capsys):
    in_place_of_pytest('case "$*" in *tests/web*) echo "no option ${*##* }"; exit 4;; esac; echo 1 passed')

    assert not parts.run(["--no-such-option"])

    told = capsys.readouterr().out
    for name in (*PARTS, *BESIDE, *LAST):
        assert f"{name:10} | 1 passed\n" in told or name == "web"
    assert f"{'web':10} | no option --no-such-option\n" in told


def test_where_no_part_fails_the_whole_passes(in_place_of_pytest):
    in_place_of_pytest("echo 1 passed")

    assert parts.run([])
