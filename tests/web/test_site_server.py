"""Serving a site: its address, its key, and how it stops."""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import eventlet
import pytest
import requests
from flask import Flask

from shop.web.server import SiteServer
from shop.web.settings import SiteSettings, address_of, kept_key
from tests.support.waiting import LIMIT, TEST_LIMIT, let_others_run, wait_for_exit, wait_until
from tools.chaos.ports import free_ports

KEY = "k" * 32


@pytest.fixture
def site() -> Flask:
    site = Flask(__name__)
    site.add_url_rule("/", view_func=lambda: "hello")
    return site


@pytest.fixture
def start(site):
    servers = []

    def start(port):
        servers.append(SiteServer(site, "127.0.0.1", port))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop(seconds=1)


def get(port, path="/"):
    return requests.get(f"http://127.0.0.1:{port}{path}", timeout=LIMIT)


def test_a_site_answers(start):
    (port,) = free_ports(1)
    start(port)

    assert get(port).text == "hello"


def test_a_busy_port_is_an_error(start):
    (port,) = free_ports(1)
    start(port)

    with pytest.raises(OSError, match="in use"):
        start(port)


def test_a_page_under_way_is_finished_when_the_site_stops(site, start):
    (port,) = free_ports(1)
    begun, go_on = eventlet.event.Event(), eventlet.event.Event()

    def slow():
        begun.send()
        go_on.wait()
        return "done"

    site.add_url_rule("/slow", view_func=slow)
    server = start(port)
    asked = eventlet.spawn(get, port, "/slow")
    begun.wait()
    stopping = eventlet.spawn(server.stop, LIMIT)
    let_others_run()
    go_on.send()

    assert asked.wait().text == "done"
    stopping.wait()
    with pytest.raises(requests.ConnectionError):
        get(port)


def test_an_idle_connection_does_not_hold_the_site_up(start):
    (port,) = free_ports(1)
    server = start(port)
    with socket.create_connection(("127.0.0.1", port)):
        server.stop(seconds=2 * TEST_LIMIT)


# What it is told


def test_a_key_is_made_once_and_kept_from_others(tmp_path):
    folder = tmp_path / "var"

    keys = {kept_key(folder) for _ in range(3)}

    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert (folder / "web.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in folder.iterdir()] == ["web.key"]


def test_two_sites_that_start_at_the_same_time_share_a_key(tmp_path):
    keys = []
    threads = [threading.Thread(target=lambda: keys.append(kept_key(tmp_path))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(ValueError, match="file"):
        kept_key(file)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"GATEWAY_ADDRESS": "gateway:8000"}, "http://gateway:8000"),
        ({"GATEWAY_ADDRESS": "[::1]:8000"}, "http://[::1]:8000"),
        ({"GATEWAY_ADDRESS": "https://shop.example/api"}, "https://shop.example/api"),
    ],
)
def test_the_gateway_is_given_as_address_or_url(given, url):
    assert SiteSettings.from_environment(given | {"WEB_SECRET_KEY": KEY}).gateway_url == url


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"GATEWAY_ADDRESS": "http://"}, "GATEWAY_ADDRESS"),
        ({"WEB_SECRET_KEY": "short"}, "WEB_SECRET_KEY"),
        ({"TRUSTED_PROXIES": "me"}, "TRUSTED_PROXIES"),
    ],
)
def test_what_is_wrong_is_named(given, names):
    with pytest.raises(ValueError, match=names):
        SiteSettings.from_environment({"WEB_SECRET_KEY": KEY} | given)


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:8001", ("127.0.0.1", 8001)), ("[::1]:80", ("::1", 80)), ("0.0.0.0:8001", ("0.0.0.0", 8001))],
)
def test_an_address_is_host_and_port(text, address):
    assert address_of(text, "STOREFRONT_ADDRESS") == address


@pytest.mark.parametrize("text", ["", "127.0.0.1", ":8001", "host:0", "host:99999", "host:port", "host:80/x", "a@b:80"])
def test_any_other_address_is_refused_by_name(text):
    with pytest.raises(ValueError, match="STOREFRONT_ADDRESS must be host:port"):
        address_of(text, "STOREFRONT_ADDRESS")


def test_a_key_is_not_in_what_is_logged():
    assert KEY not in repr(SiteSettings(gateway_url="http://gateway", secret_key=KEY))


# As a process of its own


def run_storefront(tmp_path, address):
    environment = os.environ | {
        "STOREFRONT_ADDRESS": address,
        "SHOP_DATA": str(tmp_path),
        "GATEWAY_ADDRESS": "127.0.0.1:9",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "storefront_web"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_storefront_alone_starts_explains_that_the_shop_is_away_and_stops(tmp_path, number):
    (port,) = free_ports(1)
    process = run_storefront(tmp_path, f"127.0.0.1:{port}")
    try:
        said = process.stdout.readline()
        away, alive = get(port), get(port, "/healthz")
        process.send_signal(number)

        assert f"Storefront: http://127.0.0.1:{port}".encode() in said
        assert (away.status_code, alive.status_code) == (503, 200)
        assert "Temporarily unavailable" in away.text
        assert wait_for_exit(process, "the storefront") == 0
    finally:
        process.kill()
        process.communicate()


def test_more_connections_than_a_site_can_open_end_when_they_end_and_not_the_site(tmp_path):
    (port,) = free_ports(1)
    process = run_storefront(tmp_path, f"127.0.0.1:{port}")
    try:
        process.stdout.readline()
        _, most = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        open_already = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (open_already + 5, most))
        with ExitStack() as idle:
            for _ in range(20):
                idle.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert b"connections have to wait" in process.stdout.readline()

        assert get(port, "/healthz").status_code == 200
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_storefront_that_cannot_listen_says_so_in_a_sentence(tmp_path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        process = run_storefront(tmp_path, f"127.0.0.1:{busy.getsockname()[1]}")
        said, _ = process.communicate()

    assert process.returncode == 2
    assert b"The storefront cannot listen on 127.0.0.1:" in said
    assert b"STOREFRONT_ADDRESS" in said
    assert b"Traceback" not in said


def test_waiting_for_a_site_that_was_never_started_ends_at_once(site):
    server = SiteServer(site, "127.0.0.1", 1)

    wait_until(lambda: server.wait() is None)
    server.stop()
