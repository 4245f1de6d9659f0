"""Access rights: the table of the API, and in whose name the services are asked."""

import pytest

from shop.contracts import errors
from tests.component.support.gateway_client import CUSTOMER, MANAGER, problem
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_samples import CATEGORY_ID, NUMBER, ORDER_ID, PRODUCT_ID

ANYONE = [
    ("GET", "/v1/categories"),
    ("GET", f"/v1/categories/{CATEGORY_ID}"),
    ("GET", "/v1/products"),
    ("GET", f"/v1/products/{PRODUCT_ID}"),
    ("POST", "/v1/customers"),
    ("POST", "/v1/sessions"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/healthz"),
]
ANY_USER = [
    ("GET", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/current"),
    ("PUT", "/v1/customers/me/password"),
    ("GET", "/v1/orders"),
    ("GET", f"/v1/orders/{ORDER_ID}"),
    ("GET", f"/v1/orders/{ORDER_ID}/history"),
    ("POST", f"/v1/orders/{ORDER_ID}/cancellation"),
    ("GET", "/v1/invoices"),
    ("GET", f"/v1/invoices/{NUMBER}"),
]
CUSTOMERS_ONLY = [("GET", "/v1/customers/me"), ("PATCH", "/v1/customers/me"), ("POST", "/v1/orders")]
MANAGERS_ONLY = [
    ("POST", f"/v1/orders/{ORDER_ID}/shipment"),
    ("GET", "/v1/revenue"),
    ("GET", "/v1/orders/counts"),
    ("POST", "/v1/categories"),
    ("PATCH", f"/v1/categories/{CATEGORY_ID}"),
    ("DELETE", f"/v1/categories/{CATEGORY_ID}"),
    ("POST", "/v1/products"),
    ("PATCH", f"/v1/products/{PRODUCT_ID}"),
    ("POST", f"/v1/products/{PRODUCT_ID}/stock"),
    ("DELETE", f"/v1/products/{PRODUCT_ID}"),
    ("GET", "/v1/customers"),
    ("GET", "/v1/customers/anna"),
    ("PUT", "/v1/customers/anna/credit"),
    ("POST", "/v1/customers/anna/credit-changes"),
    ("GET", "/v1/streams/customer-anna"),
    ("GET", "/v1/streams/customer-anna/state"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/dead-letters"),
    ("POST", "/v1/dead-letters/7/retry"),
]


def got_past(response):
    """Whether the one who asked was let in. Bodies are empty here, so many requests fail for other reasons later on."""
    return response.status_code not in (401, 403)


@pytest.mark.parametrize(("method", "path"), ANYONE)
def test_anyone_may(gateway, method, path):
    for token in (None, CUSTOMER, MANAGER):
        assert got_past(gateway(method, path, token=token))


@pytest.mark.parametrize(("method", "path"), ANY_USER)
def test_any_user_may(gateway, method, path):
    assert got_past(gateway(method, path, token=CUSTOMER))
    assert got_past(gateway(method, path, token=MANAGER))
    problem(gateway(method, path), 401)


@pytest.mark.parametrize(("method", "path"), CUSTOMERS_ONLY)
def test_only_customers_may(gateway, method, path):
    assert got_past(gateway(method, path, token=CUSTOMER))
    problem(gateway(method, path, token=MANAGER), 403)
    problem(gateway(method, path), 401)


@pytest.mark.parametrize(("method", "path"), MANAGERS_ONLY)
def test_only_managers_may(gateway, method, path):
    assert got_past(gateway(method, path, token=MANAGER))
    problem(gateway(method, path, token=CUSTOMER), 403)
    problem(gateway(method, path), 401)


def test_the_table_has_every_route(gateway):
    described = {
        (method.upper(), path)
        for path, methods in gateway("GET", "/openapi.json").json()["paths"].items()
        for method in methods
    }
    table = ANYONE + ANY_USER + CUSTOMERS_ONLY + MANAGERS_ONLY

    assert len([route for route in table if route[1] not in ("/openapi.json", "/docs")]) == len(described)


@pytest.mark.parametrize(("method", "path"), [*ANYONE[:-1], *ANY_USER, *CUSTOMERS_ONLY, *MANAGERS_ONLY])
@pytest.mark.parametrize("header", ["Bearer unknown", "Bearer", "Basic YTpi", "Bearer a b", "token-of-anna"])
def test_a_bad_token_opens_nothing(gateway, method, path, header):
    response = gateway(method, path, headers={"Authorization": header})

    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert {called for called, *_ in NOTES.calls} <= {"identify"}


def test_who_may_not_learns_nothing_about_the_body(gateway):
    response = gateway("POST", "/v1/products", token=CUSTOMER, data=b"\xff not json")

    problem(response, 403)


def test_the_services_are_asked_in_the_name_of_the_one_who_asks(gateway):
    gateway("GET", "/v1/orders", token=CUSTOMER)
    gateway("GET", "/v1/orders", token=MANAGER)
    gateway("GET", "/v1/products")

    actors = [context["actor"] for context in NOTES.contexts if context["method"] != "identify"]
    assert actors == [
        {"username": "Anna", "role": "customer"},
        {"username": "max", "role": "manager"},
        {"username": "anonymous", "role": "anonymous"},
    ]


def test_sessions_are_asked_about_in_the_name_of_nobody(gateway):
    gateway("POST", f"/v1/orders/{ORDER_ID}/cancellation", token=CUSTOMER)

    assert NOTES.contexts[0]["method"] == "identify"
    assert NOTES.contexts[0]["actor"] == {"username": "anonymous", "role": "anonymous"}


def test_reads_in_a_row_ask_once_whose_session_it_is_and_writes_each_time(gateway):
    gateway("DELETE", "/v1/sessions/current", token=CUSTOMER)
    NOTES.clear()

    for _ in range(3):
        gateway("GET", "/v1/orders", token=CUSTOMER)
    assert NOTES.times("identify") == 1

    for _ in range(3):
        gateway("POST", f"/v1/orders/{ORDER_ID}/cancellation", token=CUSTOMER)
    assert NOTES.times("identify") == 4


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/v1/sessions/current", None),
        ("PUT", "/v1/customers/me/password", {"current_password": "right password", "new_password": "another one"}),
    ],
)
@pytest.mark.parametrize("failure", [None, errors.ServiceUnavailable("customers")])
def test_a_session_that_ended_is_not_believed_any_more(gateway, method, path, body, failure):
    gateway("GET", "/v1/orders", token=CUSTOMER)
    if failure:
        NOTES.failures |= {"log_out": failure, "change_password": failure}

    response = gateway(method, path, token=CUSTOMER, json=body)

    assert response.status_code == (503 if failure else 204)
    NOTES.clear()
    gateway("GET", "/v1/orders", token=CUSTOMER)
    assert NOTES.times("identify") == 1


def test_the_session_tells_whose_it_is(gateway):
    assert gateway("GET", "/v1/sessions/current", token=MANAGER).json() == {
        "username": "max",
        "role": "manager",
        "expires_at": "2026-11-23T09:30:00.123Z",
    }


def test_when_sessions_cannot_be_asked_about_the_answer_is_not_yet(gateway):
    gateway("DELETE", "/v1/sessions/current", token=CUSTOMER)
    NOTES.failures["identify"] = errors.ServiceUnavailable("customers")

    response = gateway("GET", "/v1/orders", token=CUSTOMER)

    problem(response, 503)
    assert response.headers["Retry-After"]
