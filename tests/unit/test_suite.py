"""The parts of the suite that `make test` runs side by side."""

import subprocess
import sys

from tests.parts import AWAY, BESIDE, BY_ITSELF, FAULTS, LAST, PARTS, ROOT

FOLDERS = {f"tests/{path.parent.relative_to(ROOT / 'tests').parts[0]}" for path in ROOT.glob("tests/*/**/test_*.py")}


def test_each_folder_with_tests_is_in_one_part():
    assert sorted(
        place for places in (PARTS | BESIDE).values() for place in places if (ROOT / place).is_dir()
    ) == sorted(FOLDERS)


def test_what_runs_apart_from_its_folder_is_there_and_runs_once():
    assert all((ROOT / file).is_file() for file in (*FAULTS, *AWAY, *BY_ITSELF))
    assert set(PARTS["system"]) == {"tests/system", *(f"--ignore={file}" for file in (*FAULTS, *AWAY, *BY_ITSELF))}


def test_a_part_that_fails_fails_the_whole_and_is_named():
    whole = subprocess.run([sys.executable, "-m", "tests.parts", "--no-such-option"], capture_output=True, text=True)

    assert whole.returncode == 1
    for name in (*PARTS, *BESIDE, *LAST):
        assert f"{name:10} | " in whole.stdout
    assert "unrecognized arguments" in whole.stdout
