"""Access to the back office: for managers only, after a log-in."""

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, KITCHEN, UNAVAILABLE, order, session
from tests.web.support.managing import PAGES, Manager
from tests.web.support.visiting import words

SENDS = [
    f"/orders/{order()['id']}/shipment",
    f"/orders/{order()['id']}/cancellation",
    "/products/new",
    f"/products/{BOWL}",
    f"/products/{BOWL}/stock",
    f"/products/{BOWL}/withdrawal",
    "/categories",
    f"/categories/{KITCHEN['id']}",
    f"/categories/{KITCHEN['id']}/removal",
    "/customers/alice",
    "/dead-letters/7/retry",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_manager_sees_every_page_and_nobody_keeps_it(path):
    answer = Manager().get(path)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PAGES[1:], "/invoices/2026.csv", "/revenue/2026.csv", "/invoices/2026-000001.pdf"])
def test_a_visitor_is_asked_to_log_in_and_comes_back(path):
    manager = Manager(visitor=True)

    answer = manager.get(path)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/login?next={path}"
    assert manager.gateway.calls == []


def test_the_front_door_is_the_log_in():
    assert Manager(visitor=True).get("/").headers["Location"] == "/login"


@pytest.mark.parametrize("path", SENDS)
def test_a_visitor_changes_nothing(path):
    manager = Manager(visitor=True)

    answer = manager.send(path)

    assert answer.status_code == 303
    assert "/login" in answer.headers["Location"]
    assert manager.gateway.calls == []


@pytest.mark.parametrize("path", SENDS)
def test_a_form_without_its_token_changes_nothing(path):
    manager = Manager()
    before = len(manager.gateway.calls)

    answer = manager.client.post(path, data={"name": "x"})

    assert answer.status_code == 400
    assert [call for call in manager.gateway.calls[before:] if call.method != "GET"] == []


def test_customers_are_told_that_this_is_not_their_site():
    manager = Manager(visitor=True)
    manager.gateway.on("POST", "/v1/sessions", session("alice", "customer"))

    answer = manager.send("/login", {"username": "alice", "password": "correct horse"})

    assert answer.status_code == 422
    assert "The back office requires a manager account." in words(answer)
    assert manager.gateway.asked("DELETE", "/v1/sessions/current")
    assert manager.get("/").status_code == 303


def test_after_the_session_has_ended_a_manager_logs_in_again():
    manager = Manager()
    manager.gateway.on("GET", "/v1/orders", Problem(401, "unauthenticated"))

    answer = manager.get("/orders?status=placed")

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=/orders?status")


@pytest.mark.parametrize("path", ["/orders", "/products", "/customers/alice"])
def test_a_gateway_that_does_not_answer_makes_a_friendly_page(path):
    manager = Manager()
    for name in ("/v1/orders", "/v1/products", "/v1/categories", "/v1/customers/alice"):
        manager.gateway.on("GET", name, UNAVAILABLE)

    answer = manager.get(path)

    assert answer.status_code == 503
    assert "Temporarily unavailable" in words(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/orders/1",
        f"/orders/{KITCHEN['id']}",
        f"/products/{KITCHEN['id']}",
        "/customers/x..%2F..",
        "/customers/nobody",
        "/invoices/latest",
        "/invoices/2026-000009",
        "/invoices/1999.csv",
        "/invoices/2999.csv",
        "/revenue/1999.csv",
        "/history/parcel_1",
    ],
)
def test_what_is_not_there_makes_a_friendly_page(path):
    answer = Manager().get(path)

    assert answer.status_code == 404
    assert "Page not found" in words(answer)
