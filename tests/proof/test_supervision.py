"""`shop up` watches over its processes: those that end or stand still are replaced, and all stop with it."""

import os
import re
import signal

import requests

from shop_cli.supervision.judgement import SECONDS_OF_SILENCE
from tests.proof.support.limits import let_pass, wait_within, within
from tests.servers.rabbitmq import RabbitMQ
from tests.support.waiting import LIMIT, wait_until
from tests.system.support.readiness import is_ready
from tests.system.support.shop_under_test import ShopUnderTest
from tests.system.support.up import NAMES, broker, demo_up, make_up, well

__all__ = ["broker", "demo_up", "make_up", "well"]

SECONDS_TO_STOP = 10


def ended(processes):
    """Whether none of these is left, not even as a zombie."""
    return not any(process.is_running() for process in processes)


def is_replaced(shop, name, pid):
    process = shop.processes.get(name)
    return process is not None and process.pid != pid


# Faults


def test_a_killed_process_comes_back(well):
    pid = well.send("orders.1", signal.SIGKILL)

    wait_within(20, lambda: is_replaced(well, "orders.1", pid), "another process")

    assert re.search(r"^orders.1 +\| ended by SIGKILL; starts again in [0-9.]+ s$", well.output, re.MULTILINE)


def test_a_frozen_process_is_replaced(well):
    pid = well.send("customers.2", signal.SIGSTOP)

    wait_within(SECONDS_OF_SILENCE + 20, lambda: is_replaced(well, "customers.2", pid), "another process")

    assert re.search(r"^customers.2 +\| does not answer itself, though the broker works", well.output, re.MULTILINE)


def test_a_gateway_that_is_replaced_refuses_nobody(well):
    codes = []

    for name in ("gateway.1", "gateway.2"):
        pid = well.send(name, signal.SIGTERM)
        while not is_replaced(well, name, pid):
            codes.append(requests.get(f"{well.url}/v1/categories", timeout=LIMIT).status_code)

    assert set(codes) == {200}


def test_status_tells_a_service_that_does_not_answer_and_one_that_is_behind(make_up):
    shop = make_up("--only=event_store,customers,products,accounting")
    shop.start()
    shop.send("products", signal.SIGSTOP)
    shop.send("accounting", signal.SIGKILL)
    shop.call("customers", "add_manager", "ada", "countess of lovelace")

    rows = [line.split() for line in shop.command("status", "--once").stdout.splitlines()]

    assert ["products", "unreachable", "1"] in rows
    assert ["orders", "unreachable", "0"] in rows


def test_it_waits_for_a_broker_that_is_not_there_yet_and_for_one_that_goes_away(make_up, tmp_path):
    RabbitMQ.require_installed()
    late = RabbitMQ(tmp_path / "late")
    shop = make_up("--demo", uri=late.uri)

    shop.launch()
    wait_until(lambda: "No broker answers" in shop.output, "the sentence about the broker")
    wait_until(lambda: requests.get(f"{shop.url}/healthz", timeout=LIMIT).ok, "the gateway")
    early = set(shop.processes.values())
    try:
        late.start()
        wait_until(lambda: shop.is_ready, "the ready line")

        assert shop.output.count("No broker answers") == 1
        for advice in (f"amqp://127.0.0.1:{late.port}", "apt-get install rabbitmq-server", "docker run", "shop run"):
            assert advice in shop.output

        late.kill()
        wait_until(lambda: "does not work any more" in shop.output, "the sentence about the broker")
        let_pass(SECONDS_OF_SILENCE)  # longer than a process may be silent while the broker works
        late.start()
        wait_until(lambda: is_ready(shop.url), "the shop to serve again")

        assert early <= set(shop.processes.values()), "none of them was started again"
        assert "starts again" not in shop.output
        assert shop.stop(signal.SIGTERM) == 0
    finally:
        late.close()


# Stopping


def test_ctrl_c_stops_all_soon_and_leaves_no_process(make_up):
    shop = make_up()
    shop.start()
    processes = list(shop.processes.values())

    with within(SECONDS_TO_STOP, "to stop"):
        code = shop.stop(signal.SIGINT)

    assert code == 0
    assert ended(processes)
    assert "killed" not in shop.output
    assert not shop.folder.broker_file.exists()


def test_without_a_broker_it_stops_as_well(make_up):
    shop = make_up(uri="amqp://guest:guest@127.0.0.1:1/")
    shop.launch()
    wait_until(lambda: "No broker answers" in shop.output and set(shop.processes) == NAMES, "all processes")
    processes = list(shop.processes.values())

    with within(SECONDS_TO_STOP + 1, "to stop"):
        assert shop.stop() == 0

    assert ended(processes)


def test_no_process_outlives_its_supervisor(make_up):
    shop = make_up()
    shop.start()
    processes = list(shop.processes.values())
    frozen = shop.processes["orders"]
    os.kill(frozen.pid, signal.SIGSTOP)

    shop.kill_9()

    wait_within(10, lambda: ended(processes), "the end of all processes")


def test_the_environment_names_the_first_manager(make_up):
    shop = make_up(env={"SHOP_MANAGER_USERNAME": "ada", "SHOP_MANAGER_PASSWORD": "countess of lovelace"})
    shop.start()

    ada = ShopUnderTest(shop, ("ada", "countess of lovelace")).as_manager()

    assert set(shop.processes) == NAMES
    assert ada.read("/v1/sessions/current")["role"] == "manager"
    assert ada.read("/v1/products")["items"] == []
    assert "countess of lovelace" not in shop.output + shop.log_file.read_text()
