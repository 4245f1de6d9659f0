"""nginx as compose.yaml has it: the requests that it lets through, its own answers, and its additions."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from tests.servers.nginx import Nginx
from tests.support.waiting import LIMIT
from tools.chaos.ports import free_ports

BACK_OFFICE = "backoffice.shop.example"
CSS = "/static/shop.css?v=1"


class Echo(BaseHTTPRequestHandler):
    """Stands for a website and the gateway: says who was asked, and how."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = {"who": self.server.name, "path": self.path, "body": len(self.rfile.read(length))}
        text = json.dumps(asked | {"headers": dict(self.headers)}).encode()
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Content-Type", "text/css" if "static" in self.path else "application/json")
        if "static" in self.path:
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
            self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET  # noqa: N815 - the standard library's name

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Behind(ThreadingHTTPServer):
    """A server behind the front door."""

    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.name, self.asked = name, []
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


@pytest.fixture(scope="module")
def behind() -> Iterator[dict[str, Behind]]:
    servers = {name: Behind(name) for name in ("gateway", "storefront", "backoffice")}
    yield servers
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def door(behind, tmp_path) -> Iterator[Nginx]:
    Nginx.require_installed()
    door = Nginx(tmp_path, {name: server.address for name, server in behind.items()})
    door.start()
    yield door
    door.stop()


@pytest.fixture
def unforgiving_door(behind, tmp_path) -> Iterator[Nginx]:
    """Once a limit is reached, it takes a minute until one request more is let through."""
    Nginx.require_installed()
    door = Nginx(tmp_path, {name: server.address for name, server in behind.items()})
    limits = door._configuration / "limits.conf"
    limits.write_text(re.sub(r"rate=\d+r/[sm]", "rate=1r/m", limits.read_text()))
    door.start()
    yield door
    door.stop()


@pytest.fixture
def closed_door(tmp_path) -> Iterator[Nginx]:
    """In front of nobody."""
    Nginx.require_installed()
    door = Nginx(tmp_path, {name: f"127.0.0.1:{free_ports(1)[0]}" for name in ("gateway", "storefront", "backoffice")})
    door.start()
    yield door
    door.stop()


def get(door, path, host="shop.example:8080", **options):
    headers = {"Host": host, **options.pop("headers", {})}
    return requests.request(options.pop("method", "GET"), door.url + path, headers=headers, timeout=LIMIT, **options)


def values_of(response, header):
    """Of each time that the header is there."""
    return response.raw.headers.getlist(header)


def test_nginx_finds_nothing_wrong_with_the_configuration(door):
    assert "test is successful" in door.check()
    assert "warn" not in door.check()


@pytest.mark.parametrize(
    ("host", "path", "who"),
    [
        ("localhost:8080", "/", "storefront"),
        ("shop.example", "/products?page=2", "storefront"),
        ("192.0.2.1", "/healthz", "storefront"),
        ("localhost:8080", "/v1/products", "gateway"),
        ("localhost:8080", "/docs", "gateway"),
        ("localhost:8080", "/openapi.json", "gateway"),
        ("localhost:8080", "/readyz", "gateway"),
        ("backoffice.localhost:8080", "/", "backoffice"),
        (BACK_OFFICE, "/products", "backoffice"),
        (BACK_OFFICE, "/static/shop.css", "backoffice"),
    ],
)
def test_everybody_is_behind_one_address(door, host, path, who):
    answer = get(door, path, host).json()

    assert (answer["who"], answer["path"]) == (who, path)


def test_the_metrics_are_for_the_inside(door, behind):
    assert get(door, "/metrics").status_code == 404
    assert get(door, "/metrics", BACK_OFFICE).status_code == 404
    assert "/metrics" not in behind["gateway"].asked


def test_who_is_behind_learns_the_address_asked_for_and_where_from_whatever_the_client_says(door):
    told = get(door, "/", headers={"X-Forwarded-For": "203.0.113.9"}).json()["headers"]

    assert told["Host"] == "shop.example:8080"
    assert told["X-Forwarded-For"] == "127.0.0.1"


def test_a_body_that_is_too_large_goes_nowhere(door, behind):
    before = len(behind["gateway"].asked)

    fits = get(door, "/v1/orders", method="POST", data=b"x" * 65_536)
    refused = get(door, "/v1/orders", method="POST", data=b"x" * 65_537)

    assert fits.json()["body"] == 65_536
    assert len(behind["gateway"].asked) == before + 1
    assert refused.status_code == 413
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json() == {
        "type": "about:blank",
        "title": "Request Entity Too Large",
        "status": 413,
        "detail": "The body is larger than 64 KiB.",
    }
    assert get(door, "/cart", method="POST", data=b"x" * 65_537).status_code == 413


def test_who_tries_passwords_has_to_wait_and_may_still_look_around(unforgiving_door):
    door = unforgiving_door
    log_in = [get(door, "/v1/sessions", method="POST") for _ in range(30)]

    refused = next(response for response in log_in if response.status_code == 429)
    assert 20 <= [response.status_code for response in log_in].count(200) < 30
    assert refused.json()["detail"] == "Too many requests in a short time."
    assert refused.headers["Retry-After"] == "1"
    assert [get(door, path, method="POST").status_code for path in ("/login", "/register")] == [429, 429]
    assert get(door, "/v1/products").status_code == get(door, "/login").status_code == 200


def test_who_asks_too_much_has_to_wait_and_still_gets_pictures(unforgiving_door):
    door = unforgiving_door
    answers = [get(door, "/products").status_code for _ in range(100)]

    assert answers[:60] == [200] * 60
    assert 429 in answers
    assert get(door, CSS).status_code == 200


def test_files_are_asked_for_once_and_kept_for_each_site_by_itself(door, behind):
    css = "/static/site.css?v="

    first, again, other = get(door, f"{css}1"), get(door, f"{css}1"), get(door, f"{css}2")
    elsewhere = get(door, f"{css}1", BACK_OFFICE)

    assert [answer.headers["X-Cache"] for answer in (first, again, other, elsewhere)] == ["MISS", "HIT", "MISS", "MISS"]
    assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert elsewhere.json()["who"] == "backoffice"
    assert behind["storefront"].asked.count(f"{css}1") == 1


def test_pages_and_answers_of_the_api_are_never_kept(door):
    for path in ("/", "/v1/products"):
        assert [get(door, path).headers.get("X-Cache") for _ in range(2)] == [None, None]


@pytest.mark.parametrize("path", ["/", "/v1/products", CSS, "/metrics"])
def test_browsers_are_told_what_not_to_do_with_every_answer_and_only_once(door, path):
    response = get(door, path)

    assert values_of(response, "X-Content-Type-Options") == ["nosniff"]
    assert values_of(response, "X-Frame-Options") == ["DENY"]
    assert values_of(response, "Referrer-Policy") == ["same-origin"]
    assert len(values_of(response, "Content-Security-Policy")) == len(values_of(response, "Permissions-Policy")) == 1
    assert values_of(response, "Server") == ["nginx"]
    assert "Strict-Transport-Security" not in response.headers


def test_behind_tls_browsers_are_told_to_keep_to_it(door):
    assert get(door, "/", headers={"X-Forwarded-Proto": "https"}).headers["Strict-Transport-Security"]


def test_while_the_gateway_is_away_clients_are_told_when_to_try_again(closed_door):
    response = get(closed_door, "/v1/products")

    assert response.status_code == 503
    assert response.json()["status"] == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "5"
    assert values_of(response, "X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize("host", ["shop.example", BACK_OFFICE])
def test_while_a_site_is_away_visitors_are_told_so(closed_door, host):
    response = get(closed_door, "/", host)

    assert response.status_code == 503
    assert "try again" in response.text
    assert response.headers["Retry-After"] == "5"
