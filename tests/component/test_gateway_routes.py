"""Every route: its calls to the services, and its use of their answers."""

import pytest

from shop.contracts import errors
from tests.component.support.gateway_client import CUSTOMER, MANAGER, problem, running_gateway
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_samples import ADDRESS, CATEGORY_ID, NUMBER, ORDER_ID, PRODUCT, PRODUCT_ID

PRICE = {"amount": "19.98", "currency": "EUR"}
NEW_PRODUCT = {
    "name": "Tea",
    "description": "Black.\nStrong.",
    "supplier": "Leaf & Co",
    "category_id": CATEGORY_ID,
    "price": PRICE,
    "units_in_stock": 7,
}


AT = "2026-11-23T09:30:00.000Z"
TIMES = {"placed_from": AT, "placed_before": AT}
NO_TIMES = dict.fromkeys(TIMES)
ALL_ORDERS = {"status": None, "customer": None, "sort": "-placed", "limit": 20, "after": None, **NO_TIMES}
ALL_PRODUCTS = {"category": None, "q": None, "in_stock": False, "sort": "name", "limit": 20, "after": None}
PAGE = {"limit": 5, "after": "abc"}
READS = [
    ("/v1/categories/" + CATEGORY_ID, None, ("get_category", (CATEGORY_ID,), {})),
    ("/v1/products", None, ("list_products", (), ALL_PRODUCTS)),
    (
        f"/v1/products?category={CATEGORY_ID}&q=black%20tea&in_stock=true&sort=-price&limit=5&after=abc",
        None,
        ("list_products", (), {"category": CATEGORY_ID, "q": "black tea", "in_stock": True, "sort": "-price", **PAGE}),
    ),
    (f"/v1/products/{PRODUCT_ID}", None, ("get_product", (PRODUCT_ID,), {})),
    (f"/v1/products/{PRODUCT_ID.upper()}", None, ("get_product", (PRODUCT_ID,), {})),
    ("/v1/customers/me", CUSTOMER, ("get_customer", ("Anna",), {})),
    ("/v1/customers?q=ann&limit=3", MANAGER, ("list_customers", (), {"q": "ann", "limit": 3, "after": None})),
    ("/v1/customers/ANNA", MANAGER, ("get_customer", ("ANNA",), {})),
    (
        "/v1/orders",
        CUSTOMER,
        ("list_orders", (), ALL_ORDERS),
    ),
    (
        "/v1/orders?placed_from=2026-11-23T10:30:00%2B01:00&placed_before=2026-11-23T09:30:00Z",
        MANAGER,
        ("list_orders", (), ALL_ORDERS | TIMES),
    ),
    (f"/v1/orders/counts?placed_from={AT}&placed_before={AT}", MANAGER, ("count_orders", (), TIMES)),
    (
        "/v1/orders?status=shipped&customer=anna&sort=placed",
        MANAGER,
        ("list_orders", (), ALL_ORDERS | {"status": "shipped", "customer": "anna", "sort": "placed"}),
    ),
    (f"/v1/orders/{ORDER_ID}", CUSTOMER, ("get_order", (ORDER_ID,), {})),
    (f"/v1/orders/{ORDER_ID}/history", CUSTOMER, ("history", (ORDER_ID,), {})),
    ("/v1/invoices?year=2026", CUSTOMER, ("list_invoices", (), {"year": 2026, "limit": 20, "after": None})),
    (f"/v1/invoices/{NUMBER}", CUSTOMER, ("get_invoice", (NUMBER,), {})),
    ("/v1/revenue?year=2026", MANAGER, ("revenue", (2026,), {})),
]  # fmt: skip


@pytest.mark.parametrize(("path", "token", "call"), READS, ids=[path for path, *_ in READS])
def test_a_read_asks_the_service_behind_it(gateway, path, token, call):
    response = gateway("GET", path, token=token)

    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/json"
    assert NOTES.last() == call


ONE_PRODUCT = f"/v1/products/{PRODUCT_ID}"
ONE_CATEGORY = f"/v1/categories/{CATEGORY_ID}"
ONE_ORDER = f"/v1/orders/{ORDER_ID}"
LINES = [{"product_id": PRODUCT_ID, "quantity": 2}]
EDIT = {"key": "k1", "if_match": None}
WRITES = [
    (
        "POST", "/v1/customers", None, 201,
        {"username": "anna", "password": "right password", "full_name": " Anna Ash ", "email": "anna@example.org"},
        ("register", ("anna", "right password", "Anna Ash", "anna@example.org"), {"key": "k1"}),
    ),
    (
        "POST", "/v1/sessions", None, 201, {"username": "anna", "password": "right password"},
        ("log_in", ("anna", "right password"), {"client": "127.0.0.1"}),
    ),
    ("DELETE", "/v1/sessions/current", CUSTOMER, 204, None, ("log_out", (CUSTOMER,), {})),
    (
        "PATCH", "/v1/customers/me", CUSTOMER, 200, {"full_name": "A", "address": ADDRESS},
        ("edit_profile", ("Anna", {"full_name": "A", "address": ADDRESS}), EDIT),
    ),
    (
        "PATCH", "/v1/customers/me", CUSTOMER, 200, {"address": None},
        ("edit_profile", ("Anna", {"address": None}), EDIT),
    ),
    (
        "PUT", "/v1/customers/me/password", MANAGER, 204,
        {"current_password": "right password", "new_password": "another one"},
        ("change_password", (MANAGER, "right password", "another one"), {"key": "k1"}),
    ),
    (
        "POST", "/v1/orders", CUSTOMER, 202, {"lines": LINES},
        ("place_order", (LINES,), {"key": "k1", "delivery": {"address": ADDRESS}}),
    ),
    (
        "POST", "/v1/orders", CUSTOMER, 202, {"lines": LINES, "expected_total": {"amount": "39.96", "currency": "EUR"}},
        (
            "place_order",
            (LINES,),
            {
                "key": "k1",
                "delivery": {"address": ADDRESS},
                "expected_total": {"amount": 3996, "currency": "EUR"},
            },
        ),
    ),
    ("POST", f"{ONE_ORDER}/cancellation", CUSTOMER, 202, None, ("cancel_order", (ORDER_ID,), {"key": "k1"})),
    ("POST", f"{ONE_ORDER}/cancellation", CUSTOMER, 202, {}, ("cancel_order", (ORDER_ID,), {"key": "k1"})),
    ("POST", f"{ONE_ORDER}/shipment", MANAGER, 200, None, ("ship_order", (ORDER_ID,), {"key": "k1"})),
    ("POST", "/v1/categories", MANAGER, 201, {"name": "Drinks"}, ("add_category", ("Drinks",), {"key": "k1"})),
    ("PATCH", ONE_CATEGORY, MANAGER, 200, {"name": "Food"}, ("rename_category", (CATEGORY_ID, "Food"), EDIT)),
    ("DELETE", ONE_CATEGORY, MANAGER, 204, None, ("remove_category", (CATEGORY_ID,), EDIT)),
    (
        "POST", "/v1/products", MANAGER, 201, NEW_PRODUCT,
        (
            "add_product",
            ("Tea", "Black.\nStrong.", "Leaf & Co", CATEGORY_ID, {"amount": 1998, "currency": "EUR"}, 7),
            {"key": "k1"},
        ),
    ),
    (
        "PATCH", ONE_PRODUCT, MANAGER, 200, {"price": PRICE, "name": "Green"},
        ("edit_product", (PRODUCT_ID, {"price": {"amount": 1998, "currency": "EUR"}, "name": "Green"}), EDIT),
    ),
    (
        "POST", f"{ONE_PRODUCT}/stock", MANAGER, 200, {"delta": -3, "reason": "broken"},
        ("adjust_stock", (PRODUCT_ID, -3, "broken"), EDIT),
    ),
    ("DELETE", ONE_PRODUCT, MANAGER, 204, None, ("withdraw_product", (PRODUCT_ID,), EDIT)),
    (
        "PUT", "/v1/customers/Anna/credit", MANAGER, 200, {"credit": PRICE, "reason": "gift"},
        ("set_credit", ("Anna", {"amount": 1998, "currency": "EUR"}, "gift"), {**EDIT, "expected": None}),
    ),
    (
        "PUT", "/v1/customers/Anna/credit", MANAGER, 200,
        {"credit": PRICE, "reason": "gift", "expected": {"amount": "100.00", "currency": "EUR"}},
        (
            "set_credit",
            ("Anna", {"amount": 1998, "currency": "EUR"}, "gift"),
            {**EDIT, "expected": {"amount": 10000, "currency": "EUR"}},
        ),
    ),
    (
        "POST", "/v1/customers/Anna/credit-changes", MANAGER, 201,
        {"amount": {"amount": "-5.00", "currency": "EUR"}, "reason": "returned"},
        ("change_credit", ("Anna", {"amount": -500, "currency": "EUR"}, "returned"), {"key": "k1"}),
    ),
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=[f"{write[0]} {write[1]}" for write in WRITES])
def test_a_write_asks_the_service_behind_it(gateway, write):
    method, path, token, status, body, call = write

    response = gateway(method, path, token=token, json=body, headers={"Idempotency-Key": "k1"})

    assert response.status_code == status, response.text
    assert (response.content == b"") == (status == 204)
    assert NOTES.last() == call


@pytest.mark.parametrize(
    ("path", "token", "body", "location"),
    [
        ("/v1/customers", None, WRITES[0][4], "/v1/customers/anna"),
        ("/v1/sessions", None, WRITES[1][4], "/v1/sessions/current"),
        ("/v1/orders", CUSTOMER, {"lines": LINES}, f"/v1/orders/{ORDER_ID}"),
        ("/v1/categories", MANAGER, {"name": "Drinks"}, ONE_CATEGORY),
        ("/v1/products", MANAGER, NEW_PRODUCT, ONE_PRODUCT),
        ("/v1/customers/Anna/credit-changes", MANAGER, {"amount": PRICE, "reason": "gift"}, "/v1/customers/Anna"),
    ],
)
def test_what_was_made_has_an_address(gateway, path, token, body, location):
    response = gateway("POST", path, token=token, json=body, headers={"Idempotency-Key": "k1"})

    assert response.headers["Location"] == location


@pytest.mark.parametrize(
    ("path", "token", "tag"),
    [
        (ONE_PRODUCT, None, '"3"'),
        (ONE_CATEGORY, None, '"2"'),
        ("/v1/customers/me", CUSTOMER, '"4"'),
        ("/v1/customers/anna", MANAGER, '"4"'),
        (ONE_ORDER, CUSTOMER, None),
    ],
)
def test_what_can_be_edited_carries_its_version(gateway, path, token, tag):
    assert gateway("GET", path, token=token).headers.get("ETag") == tag


def test_money_is_told_as_text(gateway):
    product = gateway("GET", ONE_PRODUCT).json()
    customer = gateway("GET", "/v1/customers/me", token=CUSTOMER).json()

    assert product == {**PRODUCT, "price": {"amount": "19.98", "currency": "EUR"}}
    assert [customer[name]["amount"] for name in ("credit", "held", "spent")] == ["100.00", "0.00", "0.05"]


def test_an_edit_goes_to_the_version_that_the_client_has_seen(gateway):
    edit = {"token": MANAGER, "json": {"name": "Green"}}

    assert gateway("PATCH", ONE_PRODUCT, **edit, headers={"If-Match": '"3"'}).status_code == 200
    assert NOTES.last()[2]["if_match"] == 3
    assert gateway("PATCH", ONE_PRODUCT, **edit, headers={"If-Match": '"1", "2", "3"'}).status_code == 200
    assert gateway("PATCH", ONE_PRODUCT, **edit, headers={"If-Match": "*"}).status_code == 200
    assert NOTES.last()[2]["if_match"] is None


@pytest.mark.parametrize("tag", ['"2"', '"1", "2"', 'W/"3"', '"abc"'])
def test_an_edit_of_another_version_is_refused(gateway, tag):
    response = gateway("PATCH", ONE_PRODUCT, token=MANAGER, json={"name": "Green"}, headers={"If-Match": tag})

    problem(response, 412)


def test_credit_that_has_moved_is_told(gateway):
    seen = {"credit": PRICE, "reason": "gift", "expected": {"amount": "80.00", "currency": "EUR"}}

    refused = problem(gateway("PUT", "/v1/customers/Anna/credit", token=MANAGER, json=seen), 409)

    assert refused["type"] == "urn:shop:problem:credit-moved"
    assert refused["detail"] == "The available credit has changed: 100.00 EUR."


def test_a_total_that_has_moved_is_told(gateway):
    seen = {"lines": LINES, "expected_total": PRICE}
    headers = {"Idempotency-Key": "k1"}

    refused = problem(gateway("POST", "/v1/orders", token=CUSTOMER, json=seen, headers=headers), 409)

    assert refused["type"] == "urn:shop:problem:total-moved"
    assert refused["detail"] == "The total has changed: 39.96 EUR."


def test_a_malformed_condition_is_refused_by_name(gateway):
    response = gateway("PATCH", ONE_PRODUCT, token=MANAGER, json={"name": "Green"}, headers={"If-Match": "3"})

    assert list(problem(response, 400)["errors"]) == ["If-Match"]


def test_an_order_needs_an_idempotency_key(gateway):
    response = gateway("POST", "/v1/orders", token=CUSTOMER, json={"lines": LINES})

    assert list(problem(response, 400)["errors"]) == ["Idempotency-Key"]
    assert NOTES.times("place_order") == 0


@pytest.mark.parametrize("write", WRITES, ids=[f"{write[0]} {write[1]}" for write in WRITES])
def test_a_malformed_idempotency_key_is_refused_on_every_write(gateway, write):
    method, path, token, _, body, call = write

    response = gateway(method, path, token=token, json=body, headers={"Idempotency-Key": "x" * 256})

    assert list(problem(response, 400)["errors"]) == ["Idempotency-Key"]
    assert NOTES.times(call[0]) == 0


def test_categories_come_by_name_in_pages(gateway):
    first = gateway("GET", "/v1/categories?limit=1").json()
    second = gateway("GET", "/v1/categories", params={"limit": 1, "after": first["next"]}).json()

    assert [category["name"] for page in (first, second) for category in page["items"]] == ["appliances", "Drinks"]
    assert second["next"] is None


def test_the_history_of_an_order_comes_whole_or_in_pages(gateway):
    path = f"{ONE_ORDER}/history"
    whole = gateway("GET", path, token=CUSTOMER).json()
    first = gateway("GET", f"{path}?limit=2", token=CUSTOMER).json()
    second = gateway("GET", path, token=CUSTOMER, params={"limit": 2, "after": first["next"]}).json()

    assert [entry["event"] for entry in whole["items"]] == ["OrderPlaced", "StockReserved", "CreditReserved"]
    assert whole["items"] == first["items"] + second["items"]
    assert whole["items"][0]["detail"] == {"total": {"amount": "39.96", "currency": "EUR"}}


def test_revenue_is_of_this_year_unless_asked_otherwise(gateway):
    assert gateway("GET", "/v1/revenue", token=MANAGER).json()["year"] >= 2026


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [
        ("GET", "/v1/products/11111111-1111-4111-8111-11111111111", None),
        ("GET", "/v1/products/7", None),
        ("GET", "/v1/products/" + ORDER_ID, None),
        ("GET", "/v1/categories/x", None),
        ("GET", "/v1/categories/" + ORDER_ID, None),
        ("GET", "/v1/orders/x", CUSTOMER),
        ("GET", "/v1/orders/" + PRODUCT_ID, CUSTOMER),
        ("GET", "/v1/orders/x/history", CUSTOMER),
        ("POST", "/v1/orders/x/cancellation", CUSTOMER),
        ("GET", "/v1/invoices/7", CUSTOMER),
        ("GET", "/v1/invoices/2026-999999", CUSTOMER),
        ("GET", "/v1/customers/x", MANAGER),
        ("GET", "/v1/customers/nobody", MANAGER),
        ("GET", "/v1/customers/a%2Fb", MANAGER),
        ("GET", "/v1/customers/%F0%9F%92%A9", MANAGER),
        ("GET", "/v1/customers/" + "x" * 1000, MANAGER),
        ("DELETE", "/v1/products/7", MANAGER),
        ("GET", "/", None),
        ("GET", "/v1", None),
        ("GET", "/v1/products/", None),
        ("GET", "/v1/nothing", None),
        ("GET", "/docs/../service.py", None),
        ("GET", "/docs/%2e%2e%2fservice.py", None),
        ("OPTIONS", "/v1/nothing", None),
    ],
)
def test_what_is_not_there_is_not_found(gateway, method, path, token):
    problem(gateway(method, path, token=token), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/products", "GET, HEAD, OPTIONS, POST"),
        ("PUT", ONE_PRODUCT, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("GET", f"{ONE_ORDER}/shipment", "OPTIONS, POST"),
        ("BREW", "/healthz", "GET, HEAD, OPTIONS"),
        ("TRACE", "/healthz", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(gateway, method, path, allowed):
    response = gateway(method, path)

    problem(response, 405)
    assert response.headers["Allow"] == allowed


def test_options_tells_what_can_be_done(gateway):
    response = gateway("OPTIONS", ONE_PRODUCT)

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"


def test_head_tells_what_get_would(gateway):
    head, get = gateway("HEAD", ONE_PRODUCT), gateway("GET", ONE_PRODUCT)

    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.StockBelowZero(), 409),
        (errors.CommandReused(), 422),
        (errors.NotReady("products"), 503),
        (errors.InvalidRequest({"category_id": ["Category not found."]}), 422),
        (ZeroDivisionError("secret"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_a_service_refuses_is_told_as_a_problem(gateway, error, status):
    NOTES.failures["edit_product"] = error

    told = problem(gateway("PATCH", ONE_PRODUCT, token=MANAGER, json={"name": "Tea"}), status)

    assert "secret" not in str(told)
    assert told.get("errors") == getattr(error, "errors", None)


def test_too_many_tries_to_log_in_have_to_wait(gateway):
    response = gateway("POST", "/v1/sessions", json={"username": "anna", "password": "too often"})

    problem(response, 429)
    assert response.headers["Retry-After"] == "17"


def test_a_proxy_on_this_machine_is_believed_about_the_client(gateway):
    body = {"username": "anna", "password": "right password"}

    gateway("POST", "/v1/sessions", json=body, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert NOTES.last()[2]["client"] == "203.0.113.9"

    gateway("POST", "/v1/sessions", json=body, headers={"X-Forwarded-For": "nonsense"})
    assert NOTES.last()[2]["client"] == "127.0.0.1"


def test_only_the_proxies_that_the_configuration_names_are_believed(tmp_path):
    body = {"username": "anna", "password": "right password"}
    NOTES.clear()

    with running_gateway(tmp_path, TRUSTED_PROXIES="192.0.2.0/24") as gateway:
        gateway("POST", "/v1/sessions", json=body, headers={"X-Forwarded-For": "203.0.113.9"})

    assert NOTES.last()[2]["client"] == "127.0.0.1"


def test_private_answers_are_kept_by_no_cache_and_none_is_sniffed(gateway):
    private, public = gateway("GET", ONE_ORDER, token=CUSTOMER), gateway("GET", ONE_PRODUCT)

    assert (private.headers["Cache-Control"], public.headers["Cache-Control"]) == ("no-store", "no-cache")
    assert private.headers["X-Content-Type-Options"] == public.headers["X-Content-Type-Options"] == "nosniff"


def test_one_trace_id_goes_through_all_services(gateway):
    response = gateway("GET", ONE_ORDER, token=CUSTOMER)

    traces = {context["trace_id"] for context in NOTES.contexts}
    assert traces == {response.headers["X-Trace-Id"]}
    assert {context["method"] for context in NOTES.contexts} >= {"get_order"}
