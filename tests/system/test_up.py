"""`shop up`: the services as processes of their own, started, watched, started again and stopped."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from shop.cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from shop.cli.supervision.judgement import SECONDS_OF_SILENCE
from tests.servers.rabbitmq import RabbitMQ
from tests.support.waiting import wait_until
from tests.system.support.many_processes import ManyProcesses
from tests.system.support.shop_under_test import ShopUnderTest

pytestmark = pytest.mark.timeout(180)

SERVICES = {"event_store", "customers", "products", "orders", "accounting", "gateway"}
WEBSITES = {"storefront", "back-office"}
NAMES = SERVICES | WEBSITES
NUMBERED = {f"{service}.{number}" for service in SERVICES for number in (1, 2)} | WEBSITES


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[RabbitMQ]:
    """A broker for one shop at a time."""
    with running_broker(tmp_path_factory.mktemp("rabbitmq")) as broker:
        yield broker


@contextmanager
def running_broker(folder) -> Iterator[RabbitMQ]:
    RabbitMQ.require_installed()
    broker = RabbitMQ(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.close()


@pytest.fixture
def make(broker, tmp_path) -> Iterator[Callable[..., ManyProcesses]]:
    """Makes shops, not started yet; ends what is left of them."""
    shops = []

    def make(*arguments, uri=broker.uri, env=None):
        shops.append(ManyProcesses(tmp_path / f"var{len(shops) or ''}", uri, env, arguments))
        return shops[-1]

    yield make
    for shop in shops:
        if shop.is_running:
            shop.kill_9()
        print(shop.output)  # noqa: T201 - shown where the test failed


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[ManyProcesses]:
    """A shop with the demo, two processes of each service, and a broker of its own, that no test stops."""
    folder = tmp_path_factory.mktemp("demo")
    with running_broker(folder / "rabbitmq") as broker:
        shop = ManyProcesses(folder / "var", broker.uri, arguments=["--demo", "--processes=2"])
        shop.start()
        yield shop
        shop.stop()


@pytest.fixture
def well(demo):
    """The demo shop when all of it works; the test before may have harmed it."""
    wait_until(lambda: set(demo.processes) == NUMBERED and is_ready(demo), 60, "the demo shop")
    return demo


def ended(processes):
    """Whether none of these is left, not even as a zombie."""
    return not any(process.is_running() for process in processes)


def is_ready(shop):
    try:
        return requests.get(f"{shop.url}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def is_replaced(shop, name, pid):
    process = shop.processes.get(name)
    return process is not None and process.pid != pid


# A shop of processes


def test_every_service_is_processes_and_an_order_goes_through(well):
    people = ShopUnderTest(well)
    customer = people.as_customer("dmitri")
    product = customer.read("/v1/products", in_stock="true", sort="price")["items"][0]

    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    assert order["status"] == "approved"
    assert f"{MANAGER.username}  {MANAGER_PASSWORD}" in well.output
    assert requests.get(f"http://{well.websites['STOREFRONT_ADDRESS']}/", timeout=5).ok


def test_all_say_what_they_do_on_one_screen_and_in_one_file(well):
    requests.get(f"{well.url}/v1/categories", timeout=5).raise_for_status()
    names = re.compile(r"^(\S+) +\| ", re.MULTILINE)

    wait_until(lambda: {"gateway.1", "gateway.2"} & set(names.findall(well.output)), 20, "a line of a gateway")
    wait_until(lambda: '"process":"gateway.' in well.log_file.read_text(), 20, "a line of a gateway in the file")

    assert set(names.findall(well.output)) <= NUMBERED | {"shop"}


def test_two_gateways_share_an_address(well):
    gateways = [well.processes["gateway.1"], well.processes["gateway.2"]]
    before = [sum(process.cpu_times()[:2]) for process in gateways]

    def both_have_worked():
        for _ in range(40):
            requests.get(f"{well.url}/v1/categories", timeout=5).raise_for_status()
        return all(sum(p.cpu_times()[:2]) - b > 0.05 for p, b in zip(gateways, before, strict=True))

    wait_until(both_have_worked, 30, "both gateways to answer")


def test_the_environment_names_the_first_manager(make):
    shop = make(env={"SHOP_MANAGER_USERNAME": "ada", "SHOP_MANAGER_PASSWORD": "countess of lovelace"})
    shop.start()

    ada = ShopUnderTest(shop, ("ada", "countess of lovelace")).as_manager()

    assert set(shop.processes) == NAMES
    assert ada.read("/v1/sessions/current")["role"] == "manager"
    assert ada.read("/v1/products")["items"] == []
    assert "countess of lovelace" not in shop.output + shop.log_file.read_text()


# Commands and shells


def test_status_shows_how_far_each_service_is_and_its_processes(well):
    head = well.call("event_store", "head")["head"]

    def rows():
        return [line.split() for line in well.command("status", "--once").stdout.splitlines()]

    wait_until(lambda: ["orders", "serving", str(head), "0", "2"] in rows(), 20, "the orders service to catch up")

    assert rows()[0] == ["Service", "State", "Position", "Behind", "Processes"]
    assert ["event_store", "serving", str(head), "2"] in rows()


def test_commands_reach_the_shop_over_the_broker(well):
    assert well.command("dead-letters").stdout == "No dead letters.\n"
    assert well.command("rebuild", "products").stdout.startswith("products: rebuilt from ")
    assert well.command("managers", "add", "grace", "--password-stdin", given="amazing grace\n").returncode == 0
    assert well.command("managers", "add", "grace").stderr == "This username is taken: grace.\n"
    shell = well.command("shell", given="print(n.rpc.customers.get_customer('grace')['role'])\n")
    assert shell.stdout == "manager\n"


def test_nameko_shell_calls_the_services(well):
    product = well.call("products", "list_products", limit=1)["items"][0]
    order = "7f2c8f2e-3c55-4c6e-9d51-0f7a6a1f2b3c"

    answers = well.nameko_shell(
        "print(n.rpc.products.list_products(limit=1)['items'][0]['id'])\n"
        "print(n.rpc.customers.set_credit('bob', {'amount': 12300, 'currency': 'EUR'}, 'a gift')['credit'])\n"
        f"try: n.rpc.orders.get_order('{order}')\n"
        "except Exception as error: print(error.exc_type)\n\n"
    ).splitlines()

    assert answers[0] == product["id"]
    assert answers[1] == str({"amount": 12300, "currency": "EUR"})
    assert "UnknownOrder" in answers[2]


# Faults


def test_a_killed_process_comes_back(well):
    pid = well.send("orders.1", signal.SIGKILL)

    wait_until(lambda: is_replaced(well, "orders.1", pid), 20, "another process")

    assert re.search(r"^orders.1 +\| ended by SIGKILL; starts again in [0-9.]+ s$", well.output, re.MULTILINE)


def test_a_frozen_process_is_replaced(well):
    pid = well.send("customers.2", signal.SIGSTOP)

    wait_until(lambda: is_replaced(well, "customers.2", pid), SECONDS_OF_SILENCE + 20, "another process")

    assert re.search(r"^customers.2 +\| does not answer itself, though the broker works", well.output, re.MULTILINE)


def test_a_gateway_that_is_replaced_refuses_nobody(well):
    codes = []

    for name in ("gateway.1", "gateway.2"):
        pid = well.send(name, signal.SIGTERM)
        while not is_replaced(well, name, pid):
            codes.append(requests.get(f"{well.url}/v1/categories", timeout=10).status_code)

    assert set(codes) == {200}


def test_status_tells_a_service_that_does_not_answer_and_one_that_is_behind(make):
    shop = make("--only=event_store,customers,products,accounting")
    shop.start()
    shop.send("products", signal.SIGSTOP)
    shop.send("accounting", signal.SIGKILL)
    shop.call("customers", "add_manager", "ada", "countess of lovelace")

    rows = [line.split() for line in shop.command("status", "--once").stdout.splitlines()]

    assert ["products", "does", "not", "answer", "1"] in rows
    assert ["orders", "does", "not", "answer", "0"] in rows


def test_it_waits_for_a_broker_that_is_not_there_yet_and_for_one_that_goes_away(make, tmp_path):
    RabbitMQ.require_installed()
    late = RabbitMQ(tmp_path / "late")
    shop = make("--demo", uri=late.uri)

    shop.launch()
    wait_until(lambda: "No broker answers" in shop.output, 30, "the sentence about the broker")
    wait_until(lambda: requests.get(f"{shop.url}/healthz", timeout=10).ok, 30, "the gateway")
    early = set(shop.processes.values())
    try:
        late.start()
        wait_until(lambda: shop.is_ready, 60, "the ready line")

        assert shop.output.count("No broker answers") == 1
        for advice in (f"amqp://127.0.0.1:{late.port}", "apt-get install rabbitmq-server", "docker run", "shop run"):
            assert advice in shop.output

        late.kill()
        wait_until(lambda: "does not work any more" in shop.output, 30, "the sentence about the broker")
        time.sleep(SECONDS_OF_SILENCE)  # longer than a process may be silent while the broker works
        late.start()
        wait_until(lambda: is_ready(shop), 30, "the shop to serve again")

        assert early <= set(shop.processes.values()), "none of them was started again"
        assert "starts again" not in shop.output
        assert shop.stop(signal.SIGTERM) == 0
    finally:
        late.close()


# Stopping


def test_ctrl_c_stops_all_within_ten_seconds_and_leaves_no_process(make):
    shop = make()
    shop.start()
    processes = list(shop.processes.values())
    began = time.monotonic()

    code = shop.stop(signal.SIGINT)

    assert time.monotonic() - began < 10
    assert code == 0
    assert ended(processes)
    assert "killed" not in shop.output
    assert not shop.folder.broker_file.exists()


def test_without_a_broker_it_stops_as_well(make):
    shop = make(uri="amqp://guest:guest@127.0.0.1:1/")
    shop.launch()
    wait_until(lambda: "No broker answers" in shop.output and set(shop.processes) == NAMES, 30, "all processes")
    processes = list(shop.processes.values())
    began = time.monotonic()

    assert shop.stop() == 0
    assert time.monotonic() - began < 11
    assert ended(processes)


def test_no_process_outlives_its_supervisor(make):
    shop = make()
    shop.start()
    processes = list(shop.processes.values())
    frozen = shop.processes["orders"]
    os.kill(frozen.pid, signal.SIGSTOP)

    shop.kill_9()

    wait_until(lambda: ended(processes), 10, "all processes to end")


def test_a_busy_port_is_told_before_anything_starts(demo, make):
    shop = make(env={"GATEWAY_ADDRESS": demo.address})
    shop.launch()

    assert shop.wait() == 2
    assert shop.output == (
        f"The shop cannot listen on {demo.address}: Address already in use. "
        "Choose another address with GATEWAY_ADDRESS.\n"
    )


def test_one_folder_has_one_shop(demo, make):
    shop = make()
    shop.folder = demo.folder
    shop.launch()

    assert shop.wait() == 2
    assert shop.output.startswith(f"A shop is already running on {demo.folder} (process {demo.pid}).")
