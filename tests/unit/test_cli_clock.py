"""`shop clock`: its questions to the event store, its output, and how it ends."""

import pytest
from click.testing import CliRunner

from shop_cli.commands import shop
from shop_cli.folder import DataFolder
from tests.unit.support.operators_socket import OperatorsSocket

WRONG = {"now": "2026-11-23T09:30:00.000Z", "last_time": "2036-06-01T09:30:00.000Z", "refusal": "Far ahead."}
RIGHT = WRONG | {"last_time": "2026-11-23T09:29:00.000Z", "refusal": None}


@pytest.fixture
def running(tmp_path):
    running = OperatorsSocket(DataFolder.at(tmp_path))
    running.answers = {
        "event_store.clock": WRONG,
        "event_store.repair_clock": {"commit": {"meta": {"at": "2026-11-23T09:30:00.001Z"}}},
    }
    yield running
    running.close()


@pytest.fixture
def invoke(tmp_path):
    runner = CliRunner(env={"SHOP_DATA": str(tmp_path)})
    return lambda *command, **more: runner.invoke(shop, ["clock", *command], **more)


def repaired(running):
    return [call for call in running.calls if call[0] == "event_store.repair_clock"]


def test_it_tells_both_times_and_fails_where_they_do_not_fit(invoke, running):
    ended = invoke()

    assert ended.exit_code == 1
    assert ended.output.splitlines() == [
        "The clock says 2026-11-23T09:30:00.000Z; the log's last commit is dated 2036-06-01T09:30:00.000Z.",
        "Far ahead.",
    ]


def test_times_that_fit_are_well(invoke, running):
    running.answers["event_store.clock"] = RIGHT

    ended = invoke()

    assert (ended.exit_code, ended.output.splitlines()[-1]) == (0, "The clocks agree.")
    assert invoke("repair").output == "Nothing to repair: the clock and the log's last time agree.\n"
    assert not repaired(running)


def test_a_repair_asks_whether_the_clock_is_right(invoke, running):
    refused = invoke("repair", input="n\n")

    assert refused.exit_code == 2
    assert "Is it 2026-11-23T09:30:00.000Z (UTC) now?" in refused.output
    assert not repaired(running)

    done = invoke("repair", input="y\n")

    assert done.exit_code == 0
    assert done.output.endswith("Commits are dated by the clock again, from 2026-11-23T09:30:00.001Z on.\n")
    assert len(repaired(running)) == 1


def test_a_script_repairs_without_being_asked(invoke, running):
    assert invoke("repair", "--yes").exit_code == 0
    assert len(repaired(running)) == 1
