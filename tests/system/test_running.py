"""Starting a shop in one process, and what keeps it from starting."""

import socket
from pathlib import Path

import pytest

from shop_cli.demo.accounts import CUSTOMERS, MANAGER, MANAGER_PASSWORD
from shop_cli.demo.steps import catalogue
from shop_cli.folder import DataFolder
from tests.system.support.clients import some_product

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


# Starting


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
    categories = {one["name"]: one["products"] for one in shop.visitor().read_all("/v1/categories", limit=100)}

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

    assert told == (f"Cannot listen on {address}: Address already in use. Set GATEWAY_ADDRESS to another address.")


def test_a_host_that_is_not_here_is_told(make_shop):
    told = refusal(make_shop(env={"GATEWAY_ADDRESS": "no-such-host.invalid:8000"}))

    assert told.startswith("Cannot listen on no-such-host.invalid:8000: ")


def test_a_folder_in_use_is_told_and_its_shop_goes_on(shop, make_shop):
    second = make_shop()
    second.installation.folder = shop.installation.folder

    told = refusal(second)

    assert told == (
        f"A shop is already running in {shop.installation.folder} (pid {shop.installation.pid}). "
        "Stop it, or choose another folder with --data."
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


def test_all_bad_values_are_told_at_once(make_shop):
    shop = make_shop(env={"SHOP_CURRENCY": "ABC", "SHOP_SESSION_HOURS": "0", "SHOP_MANAGER_USERNAME": "ada"})

    shop.installation.launch()

    assert shop.installation.wait() == 2
    assert [line.split()[0] for line in shop.installation.output.splitlines()] == [
        "SHOP_MANAGER_PASSWORD:",
        "SHOP.currency",
        "SHOP.session_hours",
    ]
    assert not shop.installation.folder.path.exists()


def test_a_configuration_that_is_not_there_is_told(make_shop):
    told = refusal(make_shop(arguments=["--config", "/nowhere/config.yaml"]))

    assert told == "The configuration /nowhere/config.yaml cannot be read: No such file or directory."


def test_a_database_that_a_service_cannot_use_is_told_by_its_key(make_shop, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text('DB_URIS: {"customers:ReadModel": "mysql://root:secret@localhost/customers"}')
    shop = make_shop(arguments=["--config", str(file)])
    shop.installation.launch()

    assert shop.installation.wait() == 2
    (_, told) = shop.installation.output.splitlines()
    assert told.startswith("DB_URIS / customers:ReadModel must be a URL that begins with sqlite:// or postgresql://")
    assert "secret" not in told


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
