"""`shop chaos`, small: everything breaks while people order, and nothing is lost or done twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil

from shop.service.registry import STAGES
from tests.proof.support.limits import limit
from tests.servers.rabbitmq import RabbitMQ
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


def chaos(tmp_path: Path, *arguments: str) -> dict:
    """The report of `shop chaos`, after all promises were kept."""
    file = tmp_path / "report.json"
    command = [sys.executable, "-m", "shop_cli", "chaos", "--seed", "6", "--json", str(file), *arguments]
    not_ours = dict.fromkeys(("LOG_URL", "ORDERS_DB_URI"), f"sqlite:///{tmp_path}/of_the_user")
    done = subprocess.run(command, cwd=ROOT, env=os.environ | not_ours, capture_output=True, text=True)
    assert not (tmp_path / "of_the_user").exists()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All guarantees held." in done.stdout
    return json.loads(file.read_text())


def require_all_done(told: dict, orders: int) -> None:
    report = told["report"]
    assert report["attempted"] == report["acknowledged"] == report["ok"] == orders
    assert (report["lost"], report["recovered"], report["duplicated"], report["faults"]) == (0, 0, 0, [])
    assert sum(report["statuses"].values()) == orders
    assert {"approved", "cancelled"} <= report["statuses"].keys()


def test_processes_the_broker_and_databases_die_and_messages_go_astray(tmp_path):
    RabbitMQ.require_installed()

    told = chaos(tmp_path, "--orders=300", "--concurrency=16", "--kills=1")

    require_all_done(told, 300)
    processes = sum(len(stage) for stage in STAGES)
    assert told["course"]["faults"] == {"kill": processes, "kill the broker": 2, "delete the database": 4}
    assert told["course"]["messages"].keys() == {"arrives", "dropped", "doubled", "delayed", "cut"}
    assert told["course"]["ended_after"] < limit(60)


def test_the_one_process_dies_again_and_again(tmp_path):
    told = chaos(tmp_path, "--embedded", "--orders=100", "--concurrency=8", "--kills=5")

    require_all_done(told, 100)
    assert told["course"]["faults"] == {"kill": 5, "delete the database": 4}


def test_nothing_that_it_has_started_outlives_it(tmp_path):
    RabbitMQ.require_installed()
    command = [sys.executable, "-m", "shop_cli", "chaos", "--orders=1000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as trial:
        it = psutil.Process(trial.pid)
        wait_until(lambda: len(it.children(recursive=True)) > sum(map(len, STAGES)), "a shop to break")
        started = it.children(recursive=True)

        trial.terminate()
        said, _ = trial.communicate()

    assert trial.returncode == 1, said
    assert "Traceback" not in said, said
    wait_until(lambda: not any(process.is_running() for process in started), "the end of all that it has started")


def test_without_rabbitmq_it_says_what_to_do():
    program = (
        "from pathlib import Path; from tools.chaos import installation;"
        "installation.SERVER = Path('/nowhere'); from shop_cli.commands import shop; shop()"
    )
    command = [sys.executable, "-c", program, "chaos", "--orders=10"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 2
    assert "Chaos needs RabbitMQ to break" in done.stderr
    assert "Traceback" not in done.stderr
