"""A process that refuses to work as things are: its supervisor does not start it again and again."""

import asyncio
import sys

import pytest

from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from shop_cli.supervision import supervisor
from shop_cli.supervision.child import Child
from shop_cli.supervision.output import Output
from shop_cli.supervision.supervisor import Supervisor

NO_BROKER = "amqp://127.0.0.1:1/"
LASTING = "import time; print('I wait.', flush=True); time.sleep(1000)"
REFUSING = "import sys; print('I begin.'); print('I cannot, for a reason.'); sys.exit(2)"
FAILING = "import sys; print('I begin.'); sys.exit(1)"


@pytest.fixture
def output(tmp_path):
    output = Output([["orders"], ["customers"]], DataFolder.at(tmp_path).log_file, "info")
    yield output
    output.close()


def child(name, program, output):
    return Child(name, [sys.executable, "-c", program], output)


def test_a_shop_with_a_process_that_refuses_ends_with_its_last_line(output, monkeypatch):
    monkeypatch.setattr(supervisor, "SECONDS_BETWEEN_LOOKS", 0.05)
    stages = [[child("orders", LASTING, output)], [child("customers", REFUSING, output)]]

    async def open_shop():
        await asyncio.Event().wait()

    with pytest.raises(Refusal, match=r"^I cannot, for a reason\.$"):
        asyncio.run(Supervisor(NO_BROKER, stages, output, open_shop).run())

    assert all(one._process is None for stage in stages for one in stage)


@pytest.mark.parametrize("program", [FAILING, REFUSING], ids=["fails", "refuses later"])
def test_a_process_that_fails_or_has_worked_before_is_started_again(output, capsys, program):
    one = child("orders", program, output)
    one._was_replaced = program == REFUSING

    async def until_it_has_ended_twice():
        running = asyncio.create_task(one.keep_running())
        told = ""
        while told.count("I begin.") < 2:
            await asyncio.sleep(0.01)
            told += capsys.readouterr().out
        one.stop()
        await running

    asyncio.run(until_it_has_ended_twice())

    assert one.refusal == ""
