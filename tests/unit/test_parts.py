"""The parts of the suite that `make test` runs side by side."""

import subprocess
import sys

from tests.parts import PARTS, ROOT

FOLDERS = {f"tests/{path.parent.relative_to(ROOT / 'tests').parts[0]}" for path in ROOT.glob("tests/*/**/test_*.py")}


def test_each_folder_with_tests_is_in_one_part():
    assert sorted(folder for folders in PARTS.values() for folder in folders) == sorted(FOLDERS)


def test_a_part_that_fails_fails_the_whole_and_is_named():
    whole = subprocess.run([sys.executable, "-m", "tests.parts", "--no-such-option"], capture_output=True, text=True)

    assert whole.returncode == 1
    for name in PARTS:
        assert f"{name:10} | " in whole.stdout
    assert "unrecognized arguments" in whole.stdout
