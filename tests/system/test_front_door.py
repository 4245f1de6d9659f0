"""The whole shop behind nginx, with the configuration of compose.yaml: log-ins, forms and the API under one address."""

import re
from collections.abc import Iterator

import pytest
import requests

from shop_cli.demo.accounts import CUSTOMER_PASSWORD, MANAGER, MANAGER_PASSWORD
from tests.servers.nginx import Nginx
from tests.system.support.clients import Client, some_product

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FILE = re.compile(r'href="(/static/[^"]+\.css[^"]*)"')


@pytest.fixture(scope="module")
def door(shop, tmp_path_factory) -> Iterator[Nginx]:
    Nginx.require_installed()
    sites = shop.installation.websites
    addresses = {"storefront": sites["STOREFRONT_ADDRESS"], "backoffice": sites["BACKOFFICE_ADDRESS"]}
    door = Nginx(tmp_path_factory.mktemp("nginx"), {"gateway": shop.installation.address, **addresses})
    door.start()
    yield door
    door.stop()


def visit(door, host) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Host"] = host
    return session


def log_in(door, session, username, password) -> requests.Response:
    token = TOKEN.search(session.get(f"{door.url}/login").text)[1]
    form = {"csrf_token": token, "username": username, "password": password}
    return session.post(f"{door.url}/login", data=form, allow_redirects=False)


@pytest.mark.parametrize(
    ("host", "username", "password", "other"),
    [
        ("localhost:8080", "alice", CUSTOMER_PASSWORD, MANAGER.username),
        ("backoffice.localhost:8080", MANAGER.username, MANAGER_PASSWORD, "alice"),
    ],
)
def test_somebody_logs_in_at_the_site_that_is_for_them(door, host, username, password, other):
    session = visit(door, host)

    response = log_in(door, session, username, password)

    assert (response.status_code, response.headers["Location"]) == (303, "/")
    page = session.get(f"{door.url}/").text
    assert username in page
    assert log_in(door, visit(door, host), other, "wrong password").status_code == 422


def test_a_form_without_its_token_is_refused(door):
    session = visit(door, "localhost:8080")

    assert session.post(f"{door.url}/login", data={"username": "alice", "password": "x"}).status_code == 400


def test_away_from_this_machine_cookies_need_tls(door):
    near, far = (
        visit(door, host).get(f"{door.url}/login").headers["Set-Cookie"] for host in ("localhost", "shop.example")
    )

    assert "Secure" not in near
    assert "; Secure" in far


def test_an_order_goes_through_the_api(door):
    customer = Client(door.url).log_in("alice", CUSTOMER_PASSWORD)

    order = customer.place_order({some_product(customer)["id"]: 1})

    assert customer.wait_for_end(order)["status"] in ("approved", "rejected")
    assert customer.read("/readyz")["ready"] is True


def test_what_a_page_needs_is_kept(door):
    session = visit(door, "localhost:8080")
    file = FILE.search(session.get(f"{door.url}/").text)[1]

    kept = [session.get(door.url + file).headers["X-Cache"] for _ in range(2)]

    assert kept[1] == "HIT"
    assert "X-Cache" not in session.get(f"{door.url}/").headers
