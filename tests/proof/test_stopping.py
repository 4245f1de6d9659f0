"""Stopping and killing a shop in one process: nothing is lost."""

import contextlib
import signal

import eventlet
import pytest
import requests

from shop_cli.demo.steps import catalogue
from tests.proof.support.limits import let_pass, within
from tests.support.waiting import wait_until
from tests.system.support.clients import some_product

SECONDS_TO_STOP = 5

# Stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_shop_that_is_asked_to_stop_does_so_cleanly_and_soon(make_shop, number):
    shop = make_shop().start()
    idle = shop.as_customer("alice")
    idle.read("/v1/orders")
    before = shop.installation.output

    with within(SECONDS_TO_STOP, "to stop"):
        code = shop.installation.stop(number)

    assert code == 0
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
    wait_until(lambda: len(accepted) > 20, "orders")
    before = shop.installation.output

    with within(SECONDS_TO_STOP, "to stop"):
        code = shop.stop()

    assert code == 0
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
    wait_until(lambda: "Starting the shop" in shop.installation.output, "the first line")
    wait_until(shop.installation.folder.socket.exists, "the operator's socket")

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
    wait_until(lambda: "Starting the shop" in shop.installation.output, "the first line")
    wait_until(shop.installation.log_file.exists, "the log file")
    let_pass(delay)
    shop.kill_9()

    shop.restart()

    products = shop.visitor().read_all("/v1/products", limit=100)
    assert len(products) == sum(len(category["product"]) for category in catalogue())
    assert shop.as_manager().read("/v1/sessions/current")["role"] == "manager"
    assert shop.call("event_store", "verify")["ok"]
