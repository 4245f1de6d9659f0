"""Backup and restore of a whole shop: all users see afterwards what they saw when the copy was made."""

import subprocess
import sys

from shop_cli.demo.accounts import CUSTOMER_PASSWORD
from tests.support.waiting import wait_until
from tests.system.support.clients import some_product
from tests.system.support.readiness import wait_until_shown

SHOWN = ("/v1/customers", "/v1/products", "/v1/orders", "/v1/invoices")


def what_is_shown(shop):
    """All that managers can list, and the history of each order."""
    manager = shop.as_manager()
    lists = {path: manager.read_all(path) for path in SHOWN}
    return lists | {order["id"]: manager.history(order) for order in lists["/v1/orders"]}


def shows(shop, expected):
    """Whether it does by now. A service that has just noticed that the log is another one answers 503 for a while."""
    try:
        return what_is_shown(shop) == expected
    except AssertionError as refusal:
        if "answered 503" not in str(refusal):
            raise
        return False


def trade(shop):
    """An order that is approved, one that is shipped, and one that is taken back."""
    customer, manager = shop.as_customer("alice"), shop.as_manager()
    lines = {some_product(customer)["id"]: 1}
    orders = [customer.wait_for(customer.place_order(lines), "approved") for _ in range(3)]
    manager.ship(orders[1])
    customer.cancel(orders[2])
    wait_until(lambda: customer.order(orders[2])["credit"] == "released", "the credit to come back")
    wait_until(lambda: customer.order(orders[2])["stock"] == "released", "the units to come back")
    wait_until_shown(shop.installation.url)


def restored(shop, file, expected):
    """Restore the file, and wait until the shop shows what is expected."""
    done = shop.installation.command("restore", str(file))
    assert done.returncode == 0, done.stderr
    wait_until(lambda: shop.visitor().request("GET", "/readyz").status_code == 200, "the read models")
    shop.forget_sessions()
    wait_until(lambda: shows(shop, expected), "what was shown before")


def test_a_lost_log_comes_back_from_a_backup_that_is_older_than_the_read_models(make_shop, tmp_path):
    shop, file = make_shop().start(), tmp_path / "shop.backup"
    trade(shop)
    expected = what_is_shown(shop)
    copied = shop.installation.command("backup", str(file))
    assert copied.returncode == 0, copied.stderr
    trade(shop)
    shop.kill_9()
    for lost in shop.installation.folder.path.glob("log.db*"):
        lost.unlink()

    shop.installation.arguments = ["--no-demo"]
    shop.restart()
    restored(shop, file, expected)

    assert shop.visitor().log_in("bob", CUSTOMER_PASSWORD).me["username"] == "bob"
    trade(shop)
    audit = shop.installation.command("audit")
    assert audit.returncode == 0, audit.stdout


def test_a_backup_over_the_broker_is_restored_into_a_shop_in_one_process(shop_on_rabbitmq, make_shop, tmp_path):
    file = tmp_path / "shop.backup"
    trade(shop_on_rabbitmq)
    expected = what_is_shown(shop_on_rabbitmq)

    over_the_broker(shop_on_rabbitmq, "backup", str(file))

    restored(make_shop(arguments=["--no-demo"]).start(), file, expected)


def over_the_broker(shop, *arguments):
    """Run a `shop` command, which finds the broker by what the shop has left in its folder."""
    command = [sys.executable, "-m", "shop_cli", *arguments, "--data", str(shop.installation.folder.path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
