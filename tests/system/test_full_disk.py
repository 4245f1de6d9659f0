"""A shop whose disk takes no more says so where its health is asked for, and goes on when there is room again."""

import resource
from contextlib import contextmanager

import pytest

from tests.support.waiting import wait_until
from tests.system.support.readiness import is_ready

NO_ROOM = 4096
"""Bytes that a file may have: no database of a shop can write beyond them."""


@contextmanager
def full(pid):
    """As if the disk of the process were full: files do not grow."""
    room = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (NO_ROOM, room[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, room)


@pytest.fixture
def shop(make_shop):
    return make_shop(arguments=["--no-demo"]).start()


def test_a_shop_that_cannot_write_is_not_ready_and_says_why(shop):
    visitor = shop.visitor()
    with full(shop.installation.pid):
        told = wait_until(lambda: not_ready(visitor), "an answer that names both databases")
        refused = visitor.request_once("POST", "/v1/customers", json=somebody("grace"))

    assert "event_store (its database takes no writes: disk I/O error)" in told["detail"]
    assert refused.status_code == 503
    wait_until(lambda: is_ready(shop.url), "the shop to be ready again")
    assert visitor.write("POST", "/v1/customers", somebody("ada"))["username"] == "ada"
    assert shop.call("event_store", "verify")["ok"]


def not_ready(visitor):
    """The shop's `/readyz`, once the log and a read model are both found to be full."""
    answer = visitor.request_once("GET", "/readyz")
    reasons = {name: service["reason"] for name, service in answer.json()["services"].items()}
    return answer.json() if answer.status_code == 503 and reasons["event_store"] and reasons["customers"] else None


def somebody(name):
    return {"username": name, "password": "correct horse", "full_name": name, "email": f"{name}@example.org"}
