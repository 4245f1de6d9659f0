"""Tables for other programs, of any length: sent as they come, and broken off where they cannot be had."""

import csv
from collections.abc import Iterator

import eventlet
import pytest
import requests
from flask import Flask

from backoffice_web.tables import CHUNK, csv_file
from shop.http.client import GatewayUnavailable
from shop.web import calls
from shop.web.server import SiteServer
from tests.support.clock import FakeClock
from tests.support.waiting import LIMIT
from tests.web.support.fake_gateway import UNAVAILABLE, invoice
from tests.web.support.managing import Manager
from tools.chaos.ports import free_ports

CELL = "x" * 1000
LONG = 3 * CHUNK // len(CELL)
"""Rows that take more than a chunk."""


@pytest.fixture
def manager():
    return Manager()


def pages(manager, count, *, then=None):
    """Have the gateway show so many invoices, each on a page of its own; perhaps something else after them."""
    known = manager.gateway.call

    def call(method, path, **options):
        if path == "/v1/invoices":
            number = int(options["query"].get("after", 0)) + 1
            page = {"items": [invoice(f"2026-{number:06}")], "next": str(number) if then or number < count else None}
            manager.gateway.on("GET", path, then if number > count else page)
        return known(method, path, **options)

    manager.gateway.call = call


def numbers(answer):
    return [row[0] for row in csv.reader(answer.get_data(as_text=True).splitlines())][1:]


def test_a_table_has_the_items_of_all_pages(manager):
    pages(manager, 5)

    assert numbers(manager.get("/invoices/2026.csv")) == [f"2026-{number:06}" for number in range(1, 6)]


def test_each_call_for_a_table_has_its_own_time(manager, monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(calls, "time", clock)
    pages(manager, 5)
    known = manager.gateway.call

    def slow(method, path, **options):
        clock.turn(5)
        return known(method, path, **options)

    manager.gateway.call = slow

    assert len(numbers(manager.get("/invoices/2026.csv"))) == 5


def test_each_call_for_a_table_is_followed_by_a_pause_of_its_length(manager, monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(calls, "time", clock)
    pages(manager, 5)
    known = manager.gateway.call

    def slow(method, path, **options):
        clock.turn(0.5)
        return known(method, path, **options)

    manager.gateway.call = slow
    began = clock.seconds

    assert len(numbers(manager.get("/invoices/2026.csv"))) == 5
    assert clock.seconds - began == 0.5 + 4 * (0.5 + 0.5)
    assert {call.query["limit"] for call in manager.gateway.asked("GET", "/v1/invoices")} == {str(calls.ITEMS_AT_ONCE)}


def test_a_table_that_cannot_even_begin_is_an_ordinary_page(manager):
    manager.gateway.on("GET", "/v1/invoices", UNAVAILABLE)

    assert manager.get("/invoices/2026.csv").status_code == 503


def test_a_table_that_cannot_be_finished_breaks_off(manager):
    pages(manager, 2, then=UNAVAILABLE)

    with pytest.raises(GatewayUnavailable):
        numbers(manager.get("/invoices/2026.csv"))


# Over the wire


@pytest.fixture
def site() -> Flask:
    site = Flask(__name__)
    site.add_url_rule("/", view_func=lambda: "hello")
    return site


@pytest.fixture
def url(site):
    (port,) = free_ports(1)
    server = SiteServer(site, "127.0.0.1", port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop(seconds=1)


def download(site, rows):
    site.add_url_rule("/table.csv", "table", view_func=lambda: csv_file("table.csv", ["cell"], rows))


def test_nobody_takes_a_part_of_a_table_for_the_whole(site, url):
    def broken() -> Iterator[list[str]]:
        yield from [[CELL]] * LONG
        raise GatewayUnavailable("away")

    download(site, broken())

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{url}/table.csv", timeout=LIMIT)


def test_a_table_is_sent_as_it_comes_and_others_are_served(site, url):
    go_on = eventlet.event.Event()

    def slow() -> Iterator[list[str]]:
        yield from [[CELL]] * LONG
        go_on.wait()
        yield ["the last one"]

    download(site, slow())

    with requests.get(f"{url}/table.csv", timeout=LIMIT, stream=True) as answer:
        content = answer.iter_content(CHUNK)
        first = next(content)
        said = requests.get(url, timeout=LIMIT).text
        go_on.send()
        rest = b"".join(content)

    assert said == "hello"
    assert (first + rest).decode().split() == ["cell", *[CELL] * LONG, "the", "last", "one"]
