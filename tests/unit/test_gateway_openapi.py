"""The description of the API against the routes, and against what the API promises."""

import pytest
import schemathesis

from gateway_svc.openapi import declarations, describe
from gateway_svc.paths import openapi_path
from gateway_svc.routes import Access
from gateway_svc.service import GatewayService

PROMISED = """
GET /v1/categories
GET /v1/products
GET /v1/products/{product_id}
POST /v1/customers
POST /v1/sessions
GET /v1/sessions/current
DELETE /v1/sessions/current
GET /v1/customers/me
PATCH /v1/customers/me
PUT /v1/customers/me/password
POST /v1/orders
GET /v1/orders
GET /v1/orders/counts
GET /v1/orders/{order_id}
GET /v1/orders/{order_id}/history
POST /v1/orders/{order_id}/cancellation
POST /v1/orders/{order_id}/shipment
GET /v1/invoices
GET /v1/invoices/{number}
GET /v1/revenue
GET /v1/streams/{stream}
GET /v1/streams/{stream}/state
GET /v1/audit
GET /v1/dead-letters
POST /v1/dead-letters/{letter_id}/retry
POST /v1/categories
PATCH /v1/categories/{category_id}
DELETE /v1/categories/{category_id}
POST /v1/products
PATCH /v1/products/{product_id}
POST /v1/products/{product_id}/stock
DELETE /v1/products/{product_id}
GET /v1/customers
GET /v1/customers/{username}
PUT /v1/customers/{username}/credit
POST /v1/customers/{username}/credit-changes
GET /healthz
GET /readyz
GET /metrics
"""
ADDED = {"GET /v1/categories/{category_id}"}
SHAPES = {
    "Product": "id name description supplier category price units_in_stock version",
    "Category": "id name products version",
    "Customer": "username full_name email address role credit held spent version",
    "Order": "id customer status stock credit reason lines address total placed_at invoice version",
    "Line": "product_id name quantity unit_price total",
    "Invoice": "number order_id customer address seller lines tax_percent tax total issued_at credited_by",
    "Session": "token expires_at username role",
    "SessionOwner": "username role expires_at",
    "HistoryEntry": "at event state detail recorded",
    "OrderCounts": "placed approved rejected cancelled shipped",
    "Record": "position stream version causation actor service data",
    "StreamEvent": "stream version type data position at correlation_id causation actor service",
    "StreamState": "stream version last_version at state before",
    "Audit": "position checked_at ok checks",
    "Check": "name ok detail",
    "DeadLetter": "id service position correlation_id reaction error attempts at state",
    "Revenue": "year total months",
    "Month": "month total invoices",
    "Address": "street city postcode country",
    "Money": "amount currency",
    "Problem": "type title status detail trace_id errors",
    "NewCustomer": "username password full_name email",
    "NewProduct": "name description supplier category_id price units_in_stock",
}
WORDS_FOR = {403: "role", 404: "not found", 412: "has changed", 429: "attempts"}

DESCRIPTION = describe(GatewayService, "EUR")
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
}
DECLARED = {
    f"{declared.method} {openapi_path(declared.path)}": declared
    for _, declared in declarations(GatewayService)
    if declared.described
}


def test_every_promised_route_is_there_and_no_other():
    assert set(OPERATIONS) == set(PROMISED.split("\n")[1:-1]) | ADDED


def test_the_description_is_valid_openapi():
    schemathesis.openapi.from_dict(DESCRIPTION).validate()


def test_an_invalid_description_would_be_found():
    broken = describe(GatewayService, "EUR")
    broken["paths"]["/healthz"]["get"]["responses"] = []

    with pytest.raises(Exception, match=r"responses|type"):
        schemathesis.openapi.from_dict(broken).validate()


@pytest.mark.parametrize(("name", "fields"), SHAPES.items())
def test_shapes_have_the_promised_fields(name, fields):
    assert set(DESCRIPTION["components"]["schemas"][name]["properties"]) == set(fields.split())


@pytest.mark.parametrize("route", OPERATIONS)
def test_every_operation_says_what_it_answers(route):
    operation, declared = OPERATIONS[route], DECLARED[route]

    answer = operation["responses"][str(declared.answer.status)]

    assert operation["summary"]
    assert operation["description"].endswith(f"For: {declared.access}.")
    assert ("content" in answer) == (declared.answer.status != 204)
    assert ("Location" in answer.get("headers", {})) == (declared.answer.status in (201, 202) and "_id}" not in route)


@pytest.mark.parametrize("route", OPERATIONS)
def test_every_operation_says_how_it_can_fail(route):
    operation, declared = OPERATIONS[route], DECLARED[route]
    failures = {int(status) for status in operation["responses"]} - {declared.answer.status}

    expected = {400, 401, 414, 422, 431, 500, 503} | {refusal.status for refusal in declared.refusals}
    expected |= {408, 413, 415} if declared.writes else set()
    expected |= {403} if declared.access in (Access.CUSTOMER, Access.MANAGER) else set()
    expected |= {404} if "{" in route else set()
    assert failures == (set() if declared.immediate else expected)
    for status in failures:
        response = operation["responses"][str(status)]
        assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert WORDS_FOR.get(status, "") in response["description"]


@pytest.mark.parametrize("route", OPERATIONS)
def test_every_operation_says_what_it_takes(route):
    operation, declared = OPERATIONS[route], DECLARED[route]
    parameters = {(parameter["in"], parameter["name"]): parameter for parameter in operation["parameters"]}

    assert ("requestBody" in operation) == (declared.body is not None)
    assert {name for place, name in parameters if place == "path"} == {
        part.strip("{}") for part in route.split("/") if part.startswith("{")
    }
    assert (("header", "Idempotency-Key") in parameters) == declared.writes
    assert (("header", "If-Match") in parameters) == declared.edits
    assert ("security" in operation) == (declared.access is not Access.ANYONE)


def test_only_orders_require_an_idempotency_key():
    required = {
        route
        for route, operation in OPERATIONS.items()
        for parameter in operation["parameters"]
        if parameter["name"] == "Idempotency-Key" and parameter["required"]
    }

    assert required == {"POST /v1/orders"}


def test_the_description_knows_the_currency_of_the_shop():
    yen = describe(GatewayService, "JPY")["components"]["schemas"]["Money"]["properties"]

    assert yen["currency"]["enum"] == ["JPY"]
    assert yen["amount"]["examples"] == ["1998"]
    assert "." not in yen["amount"]["pattern"]


def test_lists_are_pages():
    content = OPERATIONS["GET /v1/products"]["responses"]["200"]["content"]["application/json"]["schema"]
    parameters = {parameter["name"]: parameter["schema"] for parameter in OPERATIONS["GET /v1/products"]["parameters"]}

    assert content["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Product"}
    assert content["required"] == ["items", "next"]
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert set(parameters) == {"limit", "after", "category", "q", "in_stock", "sort"}
