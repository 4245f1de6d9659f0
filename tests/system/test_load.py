"""`shop load` against a shop."""

import os
import subprocess
import sys

from tests.system.support.in_one_process import free_port


def load(url: str, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shop_cli", "load", "--url", url, *arguments]
    env = os.environ | {"SHOP_LOAD_PASSWORD": password, "COLUMNS": "120"}
    return subprocess.run(command, capture_output=True, text=True, env=env)


def test_load_places_orders_at_its_rate_and_tells_how_long_they_took(shop):
    manager = ("--manager", "manager", "--customers", "2")

    done = load(shop.installation.url, "--rate", "5", "--minutes", "0.05", *manager, password="manager-demo")

    assert (done.returncode, done.stderr) == (0, "")
    heads, placed, decided = done.stdout.splitlines()
    assert heads.split() == ["Number", "Per", "second", "Median", "95", "%", "99", "%", "Worst", "Failed"]
    assert placed.split()[:3] == ["Orders", "placed", "15"]
    assert decided.startswith("Decided and invoiced")
    assert (placed.split()[-1], decided.split()[-1]) == ("0", "0")


def test_load_that_nobody_answers_is_refused():
    done = load(f"http://127.0.0.1:{free_port()}")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Nothing answers at http://127.0.0.1:")


def test_load_of_a_manager_with_a_wrong_password_is_refused(shop):
    done = load(shop.installation.url, "--manager", "manager", password="wrong")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The shop answered 401: ")
