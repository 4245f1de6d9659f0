"""The data folder and its lock."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal


def test_a_claimed_folder_exists_and_is_its_owners_alone(tmp_path):
    folder = DataFolder.at(tmp_path / "new" / "var")

    with folder.claim():
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_folder_can_be_claimed_once_at_a_time(tmp_path):
    folder = DataFolder.at(tmp_path)

    with folder.claim(), pytest.raises(Refusal) as raised:
        folder.claim()

    assert str(raised.value) == (
        f"A shop is already running in {tmp_path} (pid {os.getpid()}). Stop it, or choose another folder with --data."
    )
    with folder.claim():
        pass


def test_a_killed_process_gives_its_folder_back(tmp_path):
    program = (
        "import os, signal; from shop_cli.folder import DataFolder;"
        f"claim = DataFolder.at({str(tmp_path)!r}).claim(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program])

    with DataFolder.at(tmp_path).claim():
        assert (tmp_path / "shop.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_below_a_file_cannot_be_written_to(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Refusal, match=r"The data folder .*/file/var cannot be written to: Not a directory\."):
        DataFolder.at(tmp_path / "file" / "var").claim()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write to")
def test_a_folder_that_exists_may_still_not_be_writable():
    with pytest.raises(Refusal, match="The data folder /proc cannot be written to: "):
        DataFolder.at("/proc").claim()


@pytest.mark.parametrize("character", "?#{}%")
def test_a_path_that_no_database_url_can_hold_is_refused(tmp_path, character):
    with pytest.raises(Refusal, match=f"its path has \\{character} in it"):
        DataFolder.at(tmp_path / f"a{character}b").claim()


def test_a_folder_is_named_as_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert str(DataFolder.at("var")) == "./var"
    assert str(DataFolder.at("/srv/shop")) == "/srv/shop"
