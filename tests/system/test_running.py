"""Starting, stopping, killing and operating a shop in one process."""

import contextlib
import json
import signal
import socket
import time
from pathlib import Path

import eventlet
import pytest
import requests

from shop.cli.demo.accounts import CUSTOMERS, MANAGER, MANAGER_PASSWORD
from shop.cli.demo.steps import catalogue
from shop.cli.folder import DataFolder
from tests.system.waiting import wait_until

ADA = {"SHOP_MANAGER_USERNAME": "ada", "SHOP_MANAGER_PASSWORD": "countess of lovelace"}


def refusal(shop):
    """The one sentence that a shop ends with which does not start."""
    shop.installation.launch()
    code = shop.installation.wait()
    output = shop.installation.output
    assert code == 2, output
    assert "Traceback" not in output
    assert output.count("\n") == 1, output
    return output.strip()


def some_product(client, **query):
    return client.read("/v1/products", in_stock="true", sort="price", **query)["items"][0]


# Starting


def test_a_new_shop_is_ready_within_ten_seconds(make_shop):
    shop = make_shop()
    started = time.monotonic()

    shop.start()

    assert time.monotonic() - started < 10
    assert shop.visitor().read("/readyz")["ready"]


def test_the_accounts_that_are_printed_can_log_in(shop):
    output = shop.installation.output
    named = [
        line.split()[:2]
        for line in output.partition("Accounts (username, password):\n")[2].split("\n\n")[0].splitlines()
    ]

    roles = {
        name: shop.visitor().log_in(name, password).read("/v1/sessions/current")["role"] for name, password in named
    }

    assert roles == {MANAGER.username: "manager"} | {customer.username: "customer" for customer in CUSTOMERS}


def test_the_ready_line_says_where_the_shop_is(shop):
    last = shop.installation.output.splitlines()[-1]

    assert last.startswith("Ready in ")
    assert last.endswith(f" s. Shop API: {shop.url} (docs: {shop.url}/docs). Stop with Ctrl-C.")
    assert shop.visitor().request("GET", "/docs").status_code == 200


def test_the_demo_is_on_sale(shop):
    names = {product["name"] for product in shop.visitor().read_all("/v1/products", limit=100)}
    categories = {category["name"]: category["products"] for category in shop.visitor().read("/v1/categories")["items"]}

    for category in catalogue():
        assert {product["name"] for product in category["product"]} <= names
        assert categories[category["name"]] >= 10


def test_the_demo_sells(shop):
    customer = shop.as_customer("dmitri")
    order = customer.place_order({some_product(customer)["id"]: 1})

    assert customer.wait_for_end(order)["status"] == "approved"


def test_without_demo_the_shop_is_empty(make_shop):
    shop = make_shop(arguments=["--no-demo"]).start()

    assert shop.visitor().read("/v1/products")["items"] == []
    assert shop.call("event_store", "head")["head"] == 0
    assert "Accounts" not in shop.installation.output


@pytest.mark.parametrize("arguments", [[], ["--no-demo"]])
def test_the_environment_names_the_first_manager(make_shop, arguments):
    shop = make_shop(env=ADA, arguments=arguments).start()

    ada = shop.visitor().log_in(*ADA.values())

    assert ada.read("/v1/sessions/current")["role"] == "manager"
    assert (
        shop.visitor().request("POST", "/v1/sessions", json=login(MANAGER.username, MANAGER_PASSWORD)).status_code
        == 401
    )
    assert ADA["SHOP_MANAGER_PASSWORD"] not in shop.installation.output


def login(username, password):
    return {"username": username, "password": password}


def test_what_the_demo_lost_is_not_brought_back(make_shop):
    shop = make_shop().start()
    product = some_product(shop.as_manager())
    shop.as_manager().write("DELETE", f"/v1/products/{product['id']}")
    head = shop.call("event_store", "head")["head"]

    shop.stop()
    shop.restart()

    assert shop.visitor().request("GET", f"/v1/products/{product['id']}").status_code == 404
    assert shop.call("event_store", "head")["head"] == head


# What keeps it from starting


def test_a_busy_port_is_told(make_shop):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"

        told = refusal(make_shop(env={"GATEWAY_ADDRESS": address}))

    assert told == (
        f"The shop cannot listen on {address}: Address already in use. Choose another address with GATEWAY_ADDRESS."
    )


def test_a_host_that_is_not_here_is_told(make_shop):
    told = refusal(make_shop(env={"GATEWAY_ADDRESS": "no-such-host.invalid:8000"}))

    assert told.startswith("The shop cannot listen on no-such-host.invalid:8000: ")


def test_a_folder_in_use_is_told_and_its_shop_goes_on(shop, make_shop):
    second = make_shop()
    second.installation.folder = shop.installation.folder

    told = refusal(second)

    assert told == (
        f"A shop is already running on {shop.installation.folder} (process {shop.installation.pid}). "
        "Stop it first, or choose another folder with --data."
    )
    assert shop.call("event_store", "head")["head"] > 0


def test_a_folder_below_a_file_is_told(make_shop, tmp_path):
    (tmp_path / "file").touch()
    shop = make_shop()
    shop.installation.folder = DataFolder.at(tmp_path / "file" / "var")

    told = refusal(shop)

    assert told == f"The data folder {tmp_path}/file/var cannot be written to: Not a directory."


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write to")
def test_an_unwritable_folder_is_told(make_shop):
    shop = make_shop()
    shop.installation.folder = DataFolder.at("/proc")

    assert refusal(shop).startswith("The data folder /proc cannot be written to: ")


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"SHOP_CURRENCY": "ABC"}, "SHOP.currency must be one of EUR, USD, "),
        ({"SHOP_ORDER_TIMEOUT_SECONDS": "soon"}, "SHOP.order_timeout_seconds must be a number from 0.1 to 86,400, not"),
        ({"GATEWAY_ADDRESS": "8000"}, "GATEWAY_ADDRESS must be host:port, such as 127.0.0.1:8000, not '8000'."),
        ({"SHOP_MANAGER_USERNAME": "ada"}, "SHOP_MANAGER_PASSWORD: "),
        ({"SHOP_MANAGER_USERNAME": "ada", "SHOP_MANAGER_PASSWORD": "short"}, "SHOP_MANAGER_PASSWORD: "),
        ({"SHOP_MANAGER_USERNAME": "a b", "SHOP_MANAGER_PASSWORD": "long enough"}, "SHOP_MANAGER_USERNAME: "),
    ],
)
def test_a_bad_value_is_told_by_its_key(make_shop, env, sentence):
    shop = make_shop(env=env)

    assert refusal(shop).startswith(sentence)
    assert not shop.installation.folder.path.exists()


def test_all_bad_values_are_told_at_once(make_shop):
    shop = make_shop(env={"SHOP_CURRENCY": "ABC", "SHOP_SESSION_HOURS": "0", "SHOP_MANAGER_USERNAME": "ada"})

    shop.installation.launch()

    assert shop.installation.wait() == 2
    assert [line.split()[0] for line in shop.installation.output.splitlines()] == [
        "SHOP_MANAGER_PASSWORD:",
        "SHOP.currency",
        "SHOP.session_hours",
    ]


def test_a_configuration_that_is_not_there_is_told(make_shop):
    told = refusal(make_shop(arguments=["--config", "/nowhere/config.yaml"]))

    assert told == "The configuration /nowhere/config.yaml cannot be read: No such file or directory."


def test_a_configuration_file_sets_what_it_names(make_shop, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("SHOP:\n  currency: ${CURRENCY_OF_THE_TEST:CHF}\n  opening_credit: 12.50\n")
    shop = make_shop(arguments=["--config", str(file)]).start()

    assert shop.new_customer().me["credit"] == {"amount": "12.50", "currency": "CHF"}


@pytest.mark.parametrize(("database", "service"), [("log", "event_store"), ("orders", "orders")])
def test_a_damaged_database_is_told(make_shop, database, service):
    shop = make_shop()
    shop.installation.folder.path.mkdir()
    (shop.installation.folder.path / f"{database}.db").write_text("once upon a time")

    shop.installation.launch()

    assert shop.installation.wait() == 1
    told = f"The service {service} could not start: (sqlite3.DatabaseError) file is not a database. "
    assert shop.installation.output.splitlines()[1:] == [f"{told}Details are in {shop.installation.log_file}."]
    assert "Traceback" in shop.installation.log_file.read_text()


# Stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_shop_that_is_asked_to_stop_does_so_cleanly_and_soon(make_shop, number):
    shop = make_shop().start()
    idle = shop.as_customer("alice")
    idle.read("/v1/orders")
    before = shop.installation.output
    started = time.monotonic()

    code = shop.installation.stop(number)

    assert code == 0
    assert time.monotonic() - started < 5
    assert shop.installation.output == before
    assert not shop.installation.folder.socket.exists()


def test_a_busy_shop_stops_as_soon_and_loses_nothing(make_shop):
    shop = make_shop().start()
    product = shop.as_manager().add_product(units=1000)
    accepted = []

    def buy():
        buyer = shop.new_customer(credit="1000.00")
        while (response := buyer.try_order({product["id"]: 1})).status_code == 202:
            accepted.append(response.json())

    def buy_until_the_shop_closes():
        with contextlib.suppress(requests.RequestException):
            buy()

    buyers = [eventlet.spawn(buy_until_the_shop_closes) for _ in range(5)]
    wait_until(lambda: len(accepted) > 20, 30, "orders")
    before = shop.installation.output
    started = time.monotonic()

    code = shop.stop()

    assert code == 0
    assert time.monotonic() - started < 5
    assert shop.installation.output == before
    for buyer in buyers:
        buyer.wait()
    shop.restart()
    manager = shop.as_manager()
    assert {manager.wait_for_end(order)["status"] for order in accepted} == {"approved"}
    assert {order["id"] for order in accepted} <= {order["id"] for order in manager.read_all("/v1/orders", limit=100)}


def test_a_shop_can_be_stopped_while_it_starts(make_shop):
    shop = make_shop()
    shop.installation.launch()
    wait_until(lambda: "Starting the shop" in shop.installation.output, 20, "the first line")
    wait_until(shop.installation.folder.socket.exists, 20, "the operator's socket")

    assert shop.stop() == 0
    assert "Traceback" not in shop.installation.output


# Killing


def test_a_killed_shop_goes_on_where_it_was(make_shop):
    shop = make_shop().start()
    customer = shop.as_customer("alice")
    orders = [customer.place_order({some_product(customer)["id"]: 1}) for _ in range(3)]
    done = customer.wait_for_end(orders[0])

    shop.kill_9()
    shop.restart()

    assert [customer.wait_for_end(order)["status"] for order in orders] == ["approved"] * 3
    assert customer.order(done) == done
    assert len(customer.read("/v1/orders")["items"]) == 3
    verdict = shop.call("event_store", "verify")
    assert verdict["ok"], verdict


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_a_start_that_was_killed_is_finished_by_the_next(make_shop, delay):
    shop = make_shop()
    shop.installation.launch()
    wait_until(lambda: "Starting the shop" in shop.installation.output, 20, "the first line")
    wait_until(shop.installation.log_file.exists, 20, "the log file")
    time.sleep(delay)  # not a wait for something: the moment of the kill is what varies
    shop.kill_9()

    shop.restart()

    products = shop.visitor().read_all("/v1/products", limit=100)
    assert len(products) == sum(len(category["product"]) for category in catalogue())
    assert shop.as_manager().read("/v1/sessions/current")["role"] == "manager"
    assert shop.call("event_store", "verify")["ok"]


# Operating


def test_the_socket_of_a_killed_shop_is_replaced(make_shop):
    shop = make_shop().start()
    shop.kill_9()
    assert shop.installation.folder.socket.exists()
    assert shop.installation.command("status").stderr.startswith("No shop is running on ")

    shop.restart()

    assert shop.installation.command("status").returncode == 0


def test_managers_add_makes_a_manager(shop):
    done = shop.installation.command("managers", "add", "grace", "--password-stdin", given="admiral hopper\n")

    assert (done.returncode, done.stdout) == (0, "grace manages the shop now.\n")
    assert shop.visitor().log_in("grace", "admiral hopper").read("/v1/sessions/current")["role"] == "manager"


def test_managers_add_tells_what_is_wrong(shop):
    taken = shop.installation.command("managers", "add", "alice")
    invalid = shop.installation.command("managers", "add", "x", "--password-stdin", given="short\n")

    assert (taken.returncode, taken.stderr) == (1, "This username is taken: alice.\n")
    assert invalid.returncode == 1
    assert [line.split(":")[0] for line in invalid.stderr.splitlines()] == ["username", "password"]


def test_passwords_reset_ends_all_sessions(shop):
    customer = shop.new_customer(name="forgetful")

    done = shop.installation.command("passwords", "reset", "forgetful")

    password = done.stdout.split("Password: ")[1].strip()
    assert customer.request("GET", "/v1/customers/me").status_code == 401
    assert shop.visitor().log_in("forgetful", password).me["username"] == "forgetful"


@pytest.mark.parametrize("service", ["customers", "products", "orders", "accounting"])
def test_rebuild_shows_the_same_again(shop, service):
    before = [
        shop.as_manager().read_all(path) for path in ("/v1/customers", "/v1/products", "/v1/orders", "/v1/invoices")
    ]

    done = shop.installation.command("rebuild", service)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{service}: rebuilt from ")
    after = [
        shop.as_manager().read_all(path) for path in ("/v1/customers", "/v1/products", "/v1/orders", "/v1/invoices")
    ]
    assert after == before


def test_status_shows_that_the_services_keep_up(shop):
    done = shop.installation.command("status")

    assert done.returncode == 0
    assert done.stdout.count("serving") == 5


def test_the_shell_calls_services(shop):
    program = "import json; print(json.dumps(n.rpc.products.list_products(limit=2)))"

    done = shop.installation.command("shell", given=program)

    assert len(json.loads(done.stdout)["items"]) == 2


# What it says


def test_the_screen_stays_quiet_and_the_log_file_has_a_line_for_each_request(shop):
    said = shop.installation.output
    customer = shop.as_customer("bob")

    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))

    assert shop.installation.output == said
    lines = [json.loads(line) for line in shop.installation.log_file.read_text().splitlines()]
    assert any(line.get("path") == "/v1/orders" and line.get("method") == "POST" for line in lines)
    assert any(line.get("correlation_id") == order["id"] for line in lines)


def test_no_password_is_ever_logged(shop):
    customer = shop.new_customer(name="discreet")
    customer.request(
        "PUT", "/v1/customers/me/password", json={"current_password": "wrong guess", "new_password": "x" * 9}
    )

    log = shop.installation.log_file.read_text() + shop.installation.output

    assert "correct horse battery" not in log
    assert "wrong guess" not in log
