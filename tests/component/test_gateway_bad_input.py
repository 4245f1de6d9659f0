"""Every write route with every kind of bad body: a problem that names the field, and no service is asked."""

import pytest

from tests.component.support.gateway_client import CUSTOMER, MANAGER, problem
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_samples import CATEGORY_ID, ORDER_ID, PRODUCT_ID

JSON = {"Content-Type": "application/json"}
PRICE = {"amount": "19.98", "currency": "EUR"}
ADDRESS = {"street": "1 Lane", "city": "Bath", "postcode": "BA1", "country": "GB"}
LINE = {"product_id": PRODUCT_ID, "quantity": 2}
ROUTES = {
    "register": (
        *("POST", "/v1/customers", None),
        {"username": "anna", "password": "right password", "full_name": "Anna", "email": "anna@example.org"},
    ),
    "log in": ("POST", "/v1/sessions", None, {"username": "anna", "password": "right password"}),
    "edit me": (
        *("PATCH", "/v1/customers/me", CUSTOMER),
        {"full_name": "Anna", "email": "anna@example.org", "address": ADDRESS},
    ),
    "password": (
        *("PUT", "/v1/customers/me/password", CUSTOMER),
        {"current_password": "right password", "new_password": "another one"},
    ),
    "order": ("POST", "/v1/orders", CUSTOMER, {"lines": [LINE]}),
    "add category": ("POST", "/v1/categories", MANAGER, {"name": "Drinks"}),
    "rename category": ("PATCH", f"/v1/categories/{CATEGORY_ID}", MANAGER, {"name": "Drinks"}),
    "add product": (
        *("POST", "/v1/products", MANAGER),
        {
            "name": "Tea",
            "description": "Black.",
            "supplier": "Leaf",
            "category_id": CATEGORY_ID,
            "price": PRICE,
            "units_in_stock": 7,
        },
    ),
    "edit product": (
        *("PATCH", f"/v1/products/{PRODUCT_ID}", MANAGER),
        {"name": "Tea", "description": "Black.", "supplier": "Leaf", "category_id": CATEGORY_ID, "price": PRICE},
    ),
    "stock": ("POST", f"/v1/products/{PRODUCT_ID}/stock", MANAGER, {"delta": 3, "reason": "delivery"}),
    "credit": ("PUT", "/v1/customers/Anna/credit", MANAGER, {"credit": PRICE, "reason": "gift"}),
    "add credit": ("POST", "/v1/customers/Anna/credit-changes", MANAGER, {"amount": PRICE, "reason": "gift"}),
}
BODILESS = {
    "log out": ("DELETE", "/v1/sessions/current", CUSTOMER, None),
    "cancel": ("POST", f"/v1/orders/{ORDER_ID}/cancellation", CUSTOMER, None),
    "ship": ("POST", f"/v1/orders/{ORDER_ID}/shipment", MANAGER, None),
    "remove category": ("DELETE", f"/v1/categories/{CATEGORY_ID}", MANAGER, None),
    "withdraw product": ("DELETE", f"/v1/products/{PRODUCT_ID}", MANAGER, None),
}
FIELDS = [(name, field) for name, (*_, body) in ROUTES.items() for field in body]
REQUIRED = [(name, field) for name, field in FIELDS if name not in ("edit me", "edit product")]

# By the kind of field: what it must not be. Text, whole numbers, ids, money and lists refuse all of the first.
NEVER = [
    None,
    True,
    1.5,
    -1.5e300,
    [],
    ["x"],
    [[]],
    {},
    {"a": 1},
    {"amount": 1},
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 60_000,
]
WHOLE_NUMBERS = [*NEVER, "7", 7.0, 10**10, -(10**10), 10**30, "", "seven"]
MONEY = [
    *NEVER,
    19.98,
    1998,
    "19.98",
    *({"amount": amount, "currency": "EUR"} for amount in (19.98, 1998, "19.999", "1e3", "NaN", "", "9" * 100, None)),
    *({"amount": "19.98", "currency": currency} for currency in ("USD", "JPY", "eur", "", None, 978)),
    {"amount": "19.98"},
    {"currency": "EUR"},
    {**PRICE, "more": 1},
]
IDS = [*NEVER, 7, "7", PRODUCT_ID + "0", PRODUCT_ID.replace("-", ""), "x" * 36]
LISTS = [
    *(value for value in NEVER if value not in (["x"], [[]])),
    "lines",
    [LINE] * 51,
    *([wrong] for wrong in (None, 1, "x", [], {})),
    *([{**LINE, "quantity": quantity}] for quantity in (0, -1, 1001, 1.0, "1", None, True, 10**30)),
    *([{**LINE, "product_id": product}] for product in ("x", 1, None)),
    [{**LINE, "price": PRICE}],
    [LINE, {"product_id": PRODUCT_ID}],
]
WRONG = {
    "username": [*NEVER, 7, "", "ab", "a" * 33, "-anna", "an na", "änna", "anna\n"],
    "password": [*NEVER, 12345678, "", "short12", "x" * 129, "tab\tstop"],
    "new_password": [*NEVER, 12345678, "", "short12", "x" * 129],
    "current_password": [*NEVER, 7],
    "full_name": [*NEVER, 7, "", "  ", "a\nb", "x" * 121, "\u200b"],
    "email": [*NEVER, 7, "", "anna", "anna@", "@example.org", "a b@example.org", "x" * 250 + "@example.org"],
    "address": [
        *(value for value in NEVER if value is not None),
        "1 Lane",
        *({**ADDRESS, part: wrong} for part in ADDRESS for wrong in (None, 7, "", "x" * 121, "\x00")),
        {**ADDRESS, "country": "gb"},
        {**ADDRESS, "planet": "Earth"},
        {"street": "1 Lane"},
    ],
    "name": [*NEVER, 7, "", "  ", "a\nb", "x" * 121],
    "description": [*NEVER, 7, "x" * 5001],
    "supplier": [*NEVER, 7, "", "x" * 121],
    "reason": [*NEVER, 7, "", "x" * 201],
    "category_id": IDS,
    "units_in_stock": [*WHOLE_NUMBERS, -1],
    "delta": WHOLE_NUMBERS,
    "price": [*MONEY, {"amount": "-0.01", "currency": "EUR"}],
    "credit": MONEY,
    "amount": MONEY,
    "lines": LISTS,
}
# Log-ins look at the form of names and passwords only as far as they must: no one may learn from them who exists.
WRONG_FOR = {("log in", "username"): [*NEVER, 7, "", "x" * 121], ("log in", "password"): [*NEVER, 7]}


@pytest.fixture(autouse=True)
def nothing_is_done(gateway):
    yield
    # The gateway itself cuts categories into pages, and has to read them before.
    assert {called for called, *_ in NOTES.calls} <= {"identify", "list_categories"}, "a service was asked to do it"


def send(gateway, route, **options):
    method, path, token, _ = {**ROUTES, **BODILESS}[route]
    headers = {"Idempotency-Key": "k1", **options.pop("headers", {})}
    return gateway(method, path, token=token, headers=headers, **options)


@pytest.mark.parametrize(("route", "field"), FIELDS, ids=str)
def test_a_wrong_value_is_refused_by_name(gateway, route, field):
    for wrong in WRONG_FOR.get((route, field), WRONG[field]):
        body = {**ROUTES[route][3], field: wrong}

        told = problem(send(gateway, route, json=body), 422)

        assert {name.split(".")[0] for name in told["errors"]} == {field}, wrong


@pytest.mark.parametrize(("route", "field"), REQUIRED, ids=str)
def test_a_missing_field_is_named(gateway, route, field):
    body = {name: value for name, value in ROUTES[route][3].items() if name != field}

    told = problem(send(gateway, route, json=body), 422)

    assert told["errors"] == {field: ["Missing data for required field."]}


@pytest.mark.parametrize("route", [*ROUTES, *BODILESS])
@pytest.mark.parametrize(
    "name", ["colour", "id", "version", "", "__class__", "$where", "x" * 5000, "a\x00b", "\ud800", "price.amount"]
)
def test_an_unknown_field_is_named(gateway, route, name):
    body = {**({**ROUTES, **BODILESS}[route][3] or {}), name: 1}

    told = problem(send(gateway, route, json=body), 422)

    (named,) = told["errors"]
    assert named[:50] == name[:50].replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert told["errors"][named] == ["Unknown field."]


@pytest.mark.parametrize("route", [*ROUTES, *BODILESS])
@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"text"', b"true", b"[{}]"])
def test_what_is_no_object_is_refused(gateway, route, body):
    told = problem(send(gateway, route, data=body, headers=JSON), 422)

    assert list(told["errors"]) == ["body"]


@pytest.mark.parametrize("route", [*ROUTES, *BODILESS])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\xff\xfe"}',
        b'{"a": "\xc3\x28"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\x00"}',
        b"\x00",
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=range(14),
)
def test_what_is_not_json_is_refused(gateway, route, body):
    problem(send(gateway, route, data=body, headers=JSON), 400)


@pytest.mark.parametrize("route", [*ROUTES, *BODILESS])
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", ""],
)
def test_another_type_is_refused(gateway, route, content_type):
    problem(send(gateway, route, data=b"{}", headers={"Content-Type": content_type}), 415)


@pytest.mark.parametrize("route", ROUTES)
def test_a_missing_body_is_refused(gateway, route):
    problem(send(gateway, route), 400)


@pytest.mark.parametrize("route", [*ROUTES, *BODILESS])
def test_ten_megabytes_are_refused(gateway, route):
    problem(send(gateway, route, data=b"x" * 10_000_000, headers=JSON), 413)
    problem(send(gateway, route, data=iter([b"x" * 1_000_000] * 10), headers=JSON), 413)


@pytest.mark.parametrize(("route", "field"), FIELDS, ids=str)
def test_a_field_that_is_there_twice_is_named(gateway, route, field):
    told = problem(send(gateway, route, data=f'{{"{field}": 1, "{field}": 2}}', headers=JSON), 422)

    assert list(told["errors"]) == [field]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "9" * 5000, "-" + "9" * 5000, "0." + "1" * 5000])
@pytest.mark.parametrize(("route", "field"), FIELDS, ids=str)
def test_a_huge_number_is_refused_by_name(gateway, route, field, number):
    told = problem(send(gateway, route, data=f'{{"{field}": {number}}}', headers=JSON), 422)

    assert field in told["errors"]


QUERIES = [
    *(("/v1/products", None, query) for query in ("limit=0", "limit=101", "limit=x", "limit=", "limit=9e9", "sort=id")),
    *(("/v1/products", None, query) for query in ("in_stock=yes", "in_stock=", "category=7", "category=")),
    *(("/v1/products", None, query) for query in ("q=%00", "q=a%0Ab", "q=%ED%A0%80", "q=" + "x" * 101)),
    *(("/v1/products", None, query) for query in ("after=", "after=%00", "after=a%20b", "after=" + "x" * 2001)),
    *(("/v1/products", None, query) for query in ("colour=red", "limit=1&limit=2", "%3Cscript%3E=1", "x[]=1")),
    *(("/v1/categories", None, query) for query in ("after=x", "after=W10", "limit=1000")),
    *(("/v1/orders", CUSTOMER, query) for query in ("status=lost", "status=", "customer=a", "customer=%F0%9F%92%A9")),
    *(("/v1/invoices", CUSTOMER, query) for query in ("year=0", "year=-1", "year=10000", "year=x", "year=")),
    *(("/v1/revenue", MANAGER, query) for query in ("year=0", "year=x", "month=1")),
    *((f"/v1/orders/{ORDER_ID}", CUSTOMER, query) for query in ("limit=1",)),
    *(("/readyz", None, query) for query in ("verbose=1",)),
]


@pytest.mark.parametrize(
    ("path", "token", "query"), QUERIES, ids=[f"{path}?{query[:20]}" for path, _, query in QUERIES]
)
def test_a_wrong_query_is_refused_by_name(gateway, path, token, query):
    response = gateway("GET", f"{path}?{query}", token=token)

    if "%ED%A0%80" in query:
        problem(response, 400)
    else:
        (named,) = problem(response, 422)["errors"]
        assert named in ("<script>", query.split("=")[0])
