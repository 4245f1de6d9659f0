"""Fixtures for tests of the back office: a manager's tab, and orders to look at."""

# The manager's session is begun once for all tests; a test that ends it begins one of its own (`log_in_by_hand`).

import os
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.system.support.clients import Client, some_product
from tests.web.browser.conftest import MANAGER, PASSWORD


@pytest.fixture(scope="session")
def backoffice():
    return os.environ["BACKOFFICE_ADDRESS"]


@pytest.fixture(scope="session")
def log_in_by_hand(backoffice):
    """Logs a tab in at the form, and leaves it on the dashboard."""

    def log_in(page):
        page.goto(backoffice)
        page.locator("#username").fill(MANAGER[0])
        page.locator("#password").fill(MANAGER[1])
        page.locator("main form button").click()
        expect(page.locator(".stats")).to_be_visible()
        return page

    return log_in


@pytest.fixture(scope="session")
def manager_cookies(browser, log_in_by_hand):
    """Those of a browser in which the manager has logged in."""
    context = browser.new_context()
    log_in_by_hand(context.new_page())
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def log_in(backoffice, manager_cookies):
    """Lets a tab be the manager's, and leaves it on the dashboard."""

    def log_in(page):
        page.context.add_cookies(manager_cookies)
        page.goto(backoffice)
        expect(page.locator(".stats")).to_be_visible()
        return page

    return log_in


@pytest.fixture
def office(page, log_in):
    return log_in(page)


@pytest.fixture(scope="session")
def story(manager, gateway):
    """A customer's orders: shipped, taken back, refused, and to be shipped; and a category without products."""
    name = f"shopper-{uuid4().hex[:10]}"
    Client(gateway).register(name, PASSWORD)
    manager.set_credit(name, "500.00")
    customer = Client(gateway).log_in(name, PASSWORD)
    product = some_product(customer)
    placed = [customer.place_order({product["id"]: units}) for units in (1, 2, 1000, 1)]
    shipped, taken_back, refused, approved = (customer.wait_for_end(order) for order in placed)
    assert manager.ship(shipped).ok
    assert customer.cancel(taken_back).ok
    customer.wait_for_end(taken_back)
    orders = {"shipped": shipped, "taken_back": taken_back, "refused": refused, "approved": approved}
    empty = manager.request("POST", "/v1/categories", json={"name": f"Empty {name}"}).json()
    return orders | {"customer": name, "product": product, "empty": empty}


@pytest.fixture
def pages(story):
    """The address of every page, and some more of the same kinds."""
    product, invoice = story["product"], story["shipped"]["invoice"]
    return [
        "/",
        "/orders",
        f"/orders?status=shipped&customer={story['customer']}&since=2020-01-01",
        "/orders?customer=a/b",
        *(f"/orders/{story[name]['id']}" for name in ("shipped", "taken_back", "refused")),
        *(f"/orders/{story['approved']['id']}/{what}" for what in ("shipment", "cancellation")),
        "/products",
        "/products?q=nothing-is-called-like-that",
        "/products/new",
        f"/products/{product['id']}",
        f"/products/{product['id']}/withdrawal",
        "/categories",
        f"/categories/{product['category']['id']}",
        f"/categories/{story['empty']['id']}/removal",
        "/customers",
        f"/customers/{story['customer']}",
        "/invoices",
        f"/invoices/{invoice}",
        "/revenue",
        "/history",
        f"/history/customer-{story['customer']}?version=2",
        f"/history/order-{story['taken_back']['id']}",
        f"/history/credential-{story['customer']}",
        "/audit",
        "/dead-letters",
    ]
