"""`shop up`: the services as processes of their own, and the commands that reach them."""

import re

import requests

from shop_cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from tests.support.waiting import LIMIT, wait_until
from tests.system.support.shop_under_test import ShopUnderTest
from tests.system.support.up import NUMBERED, broker, demo_up, make_up, well

__all__ = ["broker", "demo_up", "make_up", "well"]

# A shop of processes


def test_every_service_is_processes_and_an_order_goes_through(well):
    people = ShopUnderTest(well)
    customer = people.as_customer("dmitri")
    product = customer.read("/v1/products", in_stock="true", sort="price")["items"][0]

    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    assert order["status"] == "approved"
    assert f"{MANAGER.username}  {MANAGER_PASSWORD}" in well.output
    assert requests.get(f"http://{well.websites['STOREFRONT_ADDRESS']}/", timeout=LIMIT).ok


def test_all_say_what_they_do_on_one_screen_and_in_one_file(well):
    requests.get(f"{well.url}/v1/categories", timeout=LIMIT).raise_for_status()
    names = re.compile(r"^(\S+) +\| ", re.MULTILINE)

    wait_until(lambda: {"gateway.1", "gateway.2"} & set(names.findall(well.output)), "a line of a gateway")
    wait_until(lambda: '"process":"gateway.' in well.log_file.read_text(), "a line of a gateway in the file")

    assert set(names.findall(well.output)) <= NUMBERED | {"shop"}


def test_two_gateways_share_an_address(well):
    gateways = [well.processes["gateway.1"], well.processes["gateway.2"]]
    before = [sum(process.cpu_times()[:2]) for process in gateways]

    def both_have_worked():
        for _ in range(40):
            requests.get(f"{well.url}/v1/categories", timeout=LIMIT).raise_for_status()
        return all(sum(p.cpu_times()[:2]) - b > 0.05 for p, b in zip(gateways, before, strict=True))

    wait_until(both_have_worked, "both gateways to answer")


# Commands and shells


def test_status_shows_how_far_each_service_is_and_its_processes(well):
    head = well.call("event_store", "head")["head"]

    def rows():
        return [line.split() for line in well.command("status", "--once").stdout.splitlines()]

    wait_until(lambda: ["orders", "serving", str(head), "0", "2"] in rows(), "the orders service to catch up")

    assert rows()[0] == ["Service", "State", "Position", "Lag", "Processes"]
    assert ["event_store", "serving", str(head), "2"] in rows()


def test_commands_reach_the_shop_over_the_broker(well):
    assert well.command("dead-letters").stdout == "No dead letters.\n"
    assert well.command("rebuild", "products").stdout.startswith("products: rebuilt from ")
    assert well.command("managers", "add", "grace", "--password-stdin", given="amazing grace\n").returncode == 0
    assert well.command("managers", "add", "grace").stderr == "This username is already taken: grace.\n"
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


# What keeps it from starting


def test_a_busy_port_is_told_before_anything_starts(demo_up, make_up):
    shop = make_up(env={"GATEWAY_ADDRESS": demo_up.address})
    shop.launch()

    assert shop.wait() == 2
    assert shop.output == (
        f"Cannot listen on {demo_up.address}: Address already in use. Set GATEWAY_ADDRESS to another address.\n"
    )


def test_one_folder_has_one_shop(demo_up, make_up):
    shop = make_up()
    shop.folder = demo_up.folder
    shop.launch()

    assert shop.wait() == 2
    assert shop.output.startswith(f"A shop is already running in {demo_up.folder} (pid {demo_up.pid}).")
