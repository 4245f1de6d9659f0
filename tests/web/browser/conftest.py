"""A browser, tabs that watch what they are shown, and the API of the shop behind the sites."""

import os
from collections.abc import Callable, Generator, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.waiting import MILLISECONDS
from tests.system.support.clients import Client
from tests.web.browser.support import reports
from tests.web.browser.support.watching import FLAGS, Watch

MANAGER = ("manager", os.environ.get("MANAGER_PASSWORD", "manager-demo"))
PASSWORD = "correct horse battery"  # of everybody whom tests register

expect.set_options(timeout=MILLISECONDS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, bool, bool]:
    """Say when a test is done, with all its cases, to the one that stands for it in `tests/web/test_in_browser.py`."""
    ran = yield
    if nextitem is None or reports.test_of(nextitem) != reports.test_of(item):
        reports.note(reports.test_of(item), done=True)
    return ran


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or not report.passed:
        reports.note(reports.test_of(item), trouble="" if report.passed else f"{item.name}: {report.longreprtext}")
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Page]]:
    """Opens a tab of a new visitor: `open_page(color_scheme="dark", java_script_enabled=False)`.

    At the end of the test, none may have seen an error. `page.watch.expected` names answers that the test asks for.
    """
    watches: list[Watch] = []

    def open_(width: int = 1280, height: int = 900, locale: str = "en-GB", **options) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        context.set_default_timeout(MILLISECONDS)
        page = context.new_page()
        page.watch = Watch(page)
        watches.append(page.watch)
        return page

    yield open_
    complaints = [complaint for watch in watches for complaint in watch.complaints]
    for watch in watches:
        watch.page.context.close()
    assert complaints == []


@pytest.fixture
def page(open_page) -> Page:
    """A visitor's tab, as wide as a desktop's."""
    return open_page()


@pytest.fixture(scope="session")
def storefront() -> str:
    return os.environ["STOREFRONT_ADDRESS"]


@pytest.fixture(scope="session")
def gateway() -> str:
    return os.environ["GATEWAY_URL"]


@pytest.fixture(scope="session")
def manager(gateway) -> Client:
    """A manager of the shop, at the HTTP API."""
    return Client(gateway).log_in(*MANAGER)


@pytest.fixture
def new_customer(gateway, manager) -> Callable[..., Client]:
    """Registers a new customer, at the HTTP API: `new_customer(credit="250.00")`."""

    return lambda credit="": register(gateway, manager, credit)


def register(gateway: str, manager: Client, credit: str = "") -> Client:
    """A new customer, at the HTTP API; with this credit instead of the usual one."""
    name = f"shopper-{uuid4().hex[:10]}"
    Client(gateway).register(name, PASSWORD)
    if credit:
        manager.set_credit(name, credit)
    return Client(gateway).log_in(name, PASSWORD)
