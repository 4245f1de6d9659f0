"""The commands that talk to a running shop, and what the shop tells by itself."""

import json
import re

import pytest

from tests.system.support.clients import some_product
from tests.system.support.terminal import at_terminal

# Operating


def test_the_socket_of_a_killed_shop_is_replaced(make_shop):
    shop = make_shop().start()
    shop.kill_9()
    assert shop.installation.folder.socket.exists()
    assert shop.installation.command("status").stderr.startswith("No running shop found in ")

    shop.restart()

    assert shop.installation.command("status").returncode == 0


def positions_of_orders(shown):
    """Where the orders service has been shown to be, with nothing left to do."""
    return [int(number.replace(",", "")) for number in re.findall(r"orders +serving +([0-9,]+) +0\b", shown)]


def test_at_a_terminal_status_stays_up_to_date_until_ctrl_c(shop):
    customer = shop.new_customer()
    product = some_product(customer)
    with at_terminal("status", "--data", str(shop.installation.folder.path)) as terminal:
        terminal.read_until(r"orders +serving +[0-9,]+")

        customer.wait_for_end(customer.place_order({product["id"]: 1}))
        head = shop.call("event_store", "head")["head"]

        # Others may go on meanwhile, such as orders of earlier tests that wait for too long.
        terminal.read_until(lambda shown: any(position >= head for position in positions_of_orders(shown)))
        assert terminal.interrupt() == 0


def test_managers_add_makes_a_manager(shop):
    done = shop.installation.command("managers", "add", "grace", "--password-stdin", given="admiral hopper\n")

    assert (done.returncode, done.stdout) == (0, "Manager account grace created.\n")
    assert shop.visitor().log_in("grace", "admiral hopper").read("/v1/sessions/current")["role"] == "manager"


def test_managers_add_tells_what_is_wrong(shop):
    taken = shop.installation.command("managers", "add", "alice")
    invalid = shop.installation.command("managers", "add", "x", "--password-stdin", given="short\n")

    assert (taken.returncode, taken.stderr) == (1, "This username is already taken: alice.\n")
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
