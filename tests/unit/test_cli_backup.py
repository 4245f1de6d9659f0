"""`shop backup` and `shop restore`: the file between them, and what is said when it is not right."""

import gzip
import stat

import pytest
from click.testing import CliRunner

from event_store_svc.sql import SqlStore
from shop_cli.commands import shop
from shop_cli.folder import DataFolder
from tests.contract.support.log_builders import commit, running_log
from tests.unit.support.operators_socket import OperatorsSocket

SECRET = "argon2 of a password"


@pytest.fixture
def serve(tmp_path):
    """Makes a shop whose event store is real, and returns how to run a command on it, and its log."""
    stack = []

    def make(name):
        folder = DataFolder.at(tmp_path / name)
        folder.path.mkdir()
        running = running_log(SqlStore(folder.database("log")))
        log, socket = running.__enter__(), OperatorsSocket(folder)
        for method in ("head", "kept", "copy", "restore", "end_restore"):
            socket.answers[f"event_store.{method}"] = getattr(log, method)
        stack.append((running, socket))
        return lambda *args: CliRunner(env={"SHOP_DATA": str(folder.path)}).invoke(shop, list(map(str, args))), log

    yield make
    for running, socket in stack:
        socket.close()
        running.__exit__(None, None, None)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "shop.backup"


@pytest.fixture
def original(serve, file):
    """The log of a shop that was backed up with three commits, one of them secret, and went on."""
    command, log = serve("original")
    log.append(commit({"product-1": 0}, data={"name": "Tea"}))
    log.append(commit({"credential-ada": 0}, data={"password_hash": SECRET}))
    log.append_many([commit({"product-1": 1})], checkpoint=["products", 0, 2])
    letter = {"position": 2, "correlation_id": "c", "reaction": "reserve", "error": "ZeroDivisionError", "attempts": 6}
    log.set_aside("products", [letter])
    done = command("backup", file)
    assert done.exit_code == 0, done.output
    log.append(commit({"product-1": 2}))
    return log


def test_a_log_comes_back_as_it_was(serve, original, file):
    command, log = serve("new")

    done = command("restore", file)

    assert done.exit_code == 0, done.output
    assert log.copy(0)["commits"] == original.copy(0)["commits"][:3]
    assert log.kept()["log"] == original.kept()["log"]
    assert log.verify()["ok"]
    assert log.read_credentials("ada") == {"password_hash": SECRET}
    assert log.checkpoint("products")["position"] == 2
    assert [(letter["reaction"], letter["attempts"]) for letter in log.dead_letters()] == [("reserve", 6)]


def test_it_goes_on_where_it_ended(serve, original, file):
    command, log = serve("new")
    command("restore", file)

    answer = log.append(commit({"product-1": 2}))

    assert answer["commit"]["position"] == 4
    assert log.verify() == {**log.verify(), "ok": True, "position": 4}


def test_its_followers_know_it_by_another_name(serve, original, file):
    """Or a read model that shows what was recorded after the copy would not be rebuilt."""
    command, log = serve("new")

    command("restore", file)

    assert log.head()["log"] != original.head()["log"]
    assert log.head()["log"].startswith(original.head()["log"])


def test_only_the_owner_can_read_the_file(original, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_log_that_is_not_empty_is_left_alone(serve, original, file):
    command, log = serve("busy")
    log.append(commit())
    before = log.read_all(0)

    done = command("restore", file)

    assert done.exit_code == 1, done.output
    assert done.output == "The event log is not empty. A backup can only be restored into an empty log.\n"
    assert log.read_all(0) == before


def test_a_restore_that_was_cut_short_goes_on(serve, original, file):
    command, log = serve("new")
    kept = original.kept()
    log.restore(kept["log"], original.copy(0)["commits"][:2])

    done = command("restore", file)

    assert done.exit_code == 0, done.output
    assert log.copy(0)["commits"] == original.copy(0)["commits"][:3]


def changed(lines):
    return [line.replace(b"Tea", b"Tee") for line in lines]


def cut_short(lines):
    return lines[:-2]


def without_one(lines):
    return [*lines[:2], *lines[3:]]


def with_other_checkpoints(lines):
    return [lines[0].replace(b'"products":2', b'"products":3'), *lines[1:]]


@pytest.mark.parametrize("damage", [changed, cut_short, without_one, with_other_checkpoints])
def test_a_damaged_file_is_refused_before_anything_is_sent(serve, original, file, damage):
    command, log = serve("new")
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(damage(lines))))

    done = command("restore", file)

    assert done.exit_code == 2
    assert done.output.startswith(f"{file} is damaged: ")
    assert log.head()["head"] == 0


@pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(b"no backup\n")])
def test_another_file_is_refused(serve, file, content):
    command, _ = serve("new")
    file.write_bytes(content)

    done = command("restore", file)

    assert done.exit_code == 2
    assert done.output == f"{file} is not a shop backup.\n"


def test_no_file_is_written_over(serve, original, file):
    command, log = serve("new")
    log.append(commit())
    before = file.read_bytes()

    done = command("backup", file)

    assert (done.exit_code, done.output) == (2, f"{file} already exists. Choose another file name.\n")
    assert file.read_bytes() == before


def test_of_an_empty_log_no_backup_is_made(serve, file):
    command, _ = serve("new")

    done = command("backup", file)

    assert (done.exit_code, done.output) == (2, "The event log is empty; nothing to back up.\n")
    assert not file.exists()
