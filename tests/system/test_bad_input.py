"""The answer to any bad input is a problem that says what is wrong, and the shop goes on."""

import json
import re

import pytest

from tests.system.support import bad_input
from tests.system.support.refusals import complaints, exchange, refused_as, short
from tests.system.support.routes import routes
from tests.system.support.stage import Stage

JSON = "application/json"
TEN_MEGABYTES = 10_000_000
SERVICES = {"event_store", "customers", "products", "orders", "accounting"}

EXAMPLES = bad_input.write_requests(product="", category="", order="", customer="")
ROUTES = [write.route for write in EXAMPLES]
WITH_BODY = [write.route for write in EXAMPLES if write.fields]
WITH_VARIABLE = [write.route for write in EXAMPLES if "{" in write.route[1]]
EDITS = [write.route for write in EXAMPLES if write.edits]


@pytest.fixture(scope="module")
def stage(shop):
    return Stage(shop)


@pytest.fixture(scope="module")
def facts(stage):
    facts = stage.facts()
    assert facts["ready"] == dict.fromkeys(SERVICES, True)
    return facts


@pytest.fixture(autouse=True)
def unharmed(stage, facts):
    """After every test all services answer, nothing has changed, and nothing failed that we did not foresee."""
    log = stage.shop.installation.log_file
    logged = log.stat().st_size
    yield
    assert stage.facts() == facts
    with log.open("rb") as lines:
        lines.seek(logged)
        assert [line for line in map(json.loads, lines) if line["level"] in ("error", "critical")] == []


def wrongly_answered(stage, write, cases, statuses=(422,)):
    """The bodies that were not refused as they should, with what is wrong with the answers."""
    found = {}
    for field, body in cases:
        if complaint := complaints(stage.send(write, body.encode()), statuses, field):
            found[f"{field} in {short(body)}"] = complaint
    return found


# Every write route: what is in the body


def test_every_write_route_is_tested_here(shop):
    assert set(ROUTES) == {(method, path) for method, path in routes(shop) if method != "GET"}


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
def test_a_wrong_value_is_refused_naming_its_field(stage, route):
    write = stage.writes[route]
    cases = list(bad_input.spoiled_fields(write))

    assert len(cases) > 15
    assert wrongly_answered(stage, write, cases) == {}


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
def test_a_missing_field_is_named(stage, route):
    write = stage.writes[route]

    assert wrongly_answered(stage, write, bad_input.missing_fields(write)) == {}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_field_that_there_is_not_is_named(stage, route):
    write = stage.writes[route]

    assert wrongly_answered(stage, write, bad_input.unknown_fields(write)) == {}


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
def test_a_field_that_is_there_twice_is_named(stage, route):
    write = stage.writes[route]

    assert wrongly_answered(stage, write, bad_input.repeated_fields(write)) == {}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_body_that_is_no_object_is_refused(stage, route):
    write = stage.writes[route]

    assert wrongly_answered(stage, write, [("body", body) for body in bad_input.NOT_AN_OBJECT]) == {}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_body_that_is_no_json_is_refused(stage, route):
    write = stage.writes[route]
    bodies = [body.encode() for body in (*bad_input.NOT_JSON, *bad_input.TOO_DEEP)]

    answers = {body: stage.send(write, body) for body in [*bodies, *bad_input.NOT_UTF_8] if body or write.fields}

    assert refused_as(400, answers) == {}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_another_content_type_is_refused(stage, route):
    write = stage.writes[route]
    body = json.dumps(write.body).encode()

    answers = {kind: stage.send(write, body, content_type=kind) for kind in bad_input.OTHER_CONTENT_TYPES}

    assert refused_as(415, answers) == {}


# Every write route: what is around the body


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_bad_idempotency_key_is_refused(stage, route):
    write = stage.writes[route]
    body = stage.good_body(write)

    answers = {
        key: stage.raw(write, b"Idempotency-Key: %s\r\nContent-Length: %d\r\n" % (key, len(body)), body)
        for key in bad_input.BAD_KEYS
    }

    assert refused_as(400, answers, "Idempotency-Key") == {}


def test_an_order_without_idempotency_key_is_refused(stage):
    write = stage.writes["POST", "/v1/orders"]

    answer = stage.clients["customer"].request("POST", write.path, json=write.body)

    assert complaints(answer, (400,), "Idempotency-Key") == ""


@pytest.mark.parametrize("route", EDITS, ids=" ".join)
def test_a_bad_if_match_is_refused_and_one_that_does_not_match_is_a_conflict(stage, route):
    write = stage.writes[route]
    body = stage.good_body(write)

    malformed = {tag: stage.send(write, body, **{"If-Match": tag}) for tag in bad_input.NOT_ENTITY_TAGS}
    strange = {tag: stage.send(write, body, **{"If-Match": tag}) for tag in bad_input.OTHER_ENTITY_TAGS}

    assert refused_as(400, malformed, "If-Match") == {}
    assert refused_as(412, strange) == {}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_query_that_a_write_does_not_know_is_refused(stage, route):
    write = stage.writes[route]

    for name in ("limit", "after", "surprise", "key"):
        answer = stage.send(write, stage.good_body(write), path=f"{write.path}?{name}=1")
        assert complaints(answer, (422,), name) == ""


@pytest.mark.parametrize("route", WITH_VARIABLE, ids=" ".join)
def test_an_id_of_nothing_is_not_found_and_one_that_is_no_text_is_refused(stage, route):
    write = stage.writes[route]
    body = stage.good_body(write)

    def answer(id_):
        return stage.send(write, body, path=re.sub(r"^(/v1/[\w-]+/)[^/]+", lambda path: path[1] + id_, write.path))

    assert refused_as(404, {id_: answer(id_) for id_ in bad_input.UNKNOWN_IDS}) == {}
    assert refused_as(400, {id_: answer(id_) for id_ in bad_input.NOT_TEXT_IN_ADDRESSES}) == {}
    assert complaints(answer("x" * 10_000), (414,)) == ""


# Every write route: size and speed


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_body_of_10_megabytes_is_refused(stage, route):
    write = stage.writes[route]
    body = json.dumps(write.body | {"name": "x" * TEN_MEGABYTES}).encode()

    answers = {
        "sent": stage.send(write, body),
        "sent in chunks": stage.send(write, iter([body[:50_000], body[50_000:]])),
        "only announced": stage.raw(write, b"Content-Length: 10000000\r\n", b""),
        "just too large": stage.send(write, b" " * (64 * 1024 + 1)),
    }

    assert refused_as(413, answers) == {}


def test_a_length_that_is_none_is_refused(stage):
    write = stage.writes["POST", "/v1/customers"]
    lengths = [b"-1", b"x", b"1e3", b"0x10", b"5, 5", b"9" * 30, b"+5", b""]

    answers = {length: stage.raw(write, b"Content-Length: %s\r\n" % length, b"{}") for length in lengths}

    assert refused_as(400, answers) == {}


def test_what_is_not_http_is_refused(stage):
    answers = {head: exchange(stage.shop, head) for head in bad_input.BAD_HEADS}

    complaints_of = {head: complaints(answer, (400, 414, 417, 431)) for head, answer in answers.items()}
    assert [(short(str(head)), complaint) for head, complaint in complaints_of.items() if complaint] == []


# Reading


@pytest.mark.parametrize(("path", "who"), [
    ("/v1/categories", "visitor"),
    ("/v1/products", "visitor"),
    ("/v1/customers", "manager"),
    ("/v1/orders", "customer"),
    ("/v1/orders", "manager"),
    ("/v1/orders/{order_id}/history", "customer"),
    ("/v1/invoices", "customer"),
    ("/v1/invoices", "manager"),
])  # fmt: skip
def test_a_list_refuses_bad_limits_and_cursors_naming_them(stage, path, who):
    client, path = stage.clients[who], path.format(order_id=stage.order["id"])

    limits = {limit: client.request("GET", f"{path}?limit={limit}") for limit in bad_input.BAD_LIMITS}
    cursors = {cursor: client.request("GET", f"{path}?after={cursor}") for cursor in bad_input.bad_cursors()}
    twice = client.request("GET", f"{path}?limit=5&limit=5")
    unknown = client.request("GET", f"{path}?surprise=1")

    assert refused_as(422, limits, "limit") == {}
    assert refused_as(422, cursors, "after") == {}
    assert complaints(twice, (422,), "limit") == ""
    assert complaints(unknown, (422,), "surprise") == ""


@pytest.mark.parametrize(("path", "name", "values"), [
    ("/v1/products", "sort", ["", "stock", "--name", "name,price", "NAME", "name%00", "1"]),
    ("/v1/products", "in_stock", ["", "1", "yes", "TRUE", "null", "%00"]),
    ("/v1/products", "category", ["", "x", "5", "%00", "1" * 32, "' OR 1=1 --"]),
    ("/v1/products", "q", ["%00", "a%00b", "%1b", "x" * 101]),
    ("/v1/customers", "q", ["%00", "a%00b", "%1b", "x" * 101]),
    ("/v1/orders", "status", ["", "Placed", "done", "placed,approved", "%00"]),
    ("/v1/orders", "customer", ["", "a b", "ä", "x" * 33, "%00", "../x"]),
    ("/v1/invoices", "year", bad_input.BAD_YEARS),
    ("/v1/revenue", "year", bad_input.BAD_YEARS),
])  # fmt: skip
def test_a_bad_filter_is_refused_naming_it(stage, path, name, values):
    manager = stage.clients["manager"]

    answers = {value: manager.request("GET", f"{path}?{name}={value}") for value in values}

    assert refused_as(422, answers, name) == {}


@pytest.mark.parametrize("path", ["/v1/products", "/v1/customers", "/v1/orders", "/v1/revenue"])
def test_a_query_that_is_no_text_is_refused(stage, path):
    queries = ["q=%ff", "%ff=1", "q=%c0%af", "q=%ed%a0%80"]
    broken = ["q=%zz", "q=%", "q=%1"]  # requests would mend them
    manager, head = stage.clients["manager"], "GET {}?{} HTTP/1.1\r\nHost: shop\r\n\r\n"

    answers = {query: manager.request("GET", f"{path}?{query}") for query in queries}
    answers |= {query: exchange(stage.shop, head.format(path, query).encode()) for query in broken}

    assert refused_as(400, answers) == {}


@pytest.mark.parametrize("path", ["/v1/products", "/v1/customers"])
def test_any_text_can_be_searched_for(stage, path):
    searches = ["%", "_", "'", '"', "\\", "a' OR '1'='1", "%25%25", "*", "[", "(", "😀", "ﷺ" * 100, "é", "x" * 100]

    statuses = {q: stage.clients["manager"].request("GET", path, params={"q": q}).status_code for q in searches}

    assert statuses == dict.fromkeys(searches, 200)


@pytest.mark.parametrize("path", [
    "/v1/products/{}", "/v1/categories/{}", "/v1/customers/{}", "/v1/orders/{}", "/v1/orders/{}/history",
    "/v1/invoices/{}",
])  # fmt: skip
def test_what_is_not_there_is_not_found(stage, path):
    manager = stage.clients["manager"]
    names = [*bad_input.UNKNOWN_IDS, "2026-1", "2026-99999999", "9" * 400, "%F0%9F%98%80", "%25", "%E2%80%AE"]

    answers = {name: manager.request("GET", path.format(name)) for name in names}

    assert refused_as(404, answers) == {}


def test_an_unknown_address_is_not_found(stage):
    paths = ["/", "/v1", "/v2/products", "/v1/products/", "/v1//products", "/v1/../etc/passwd", "/docs/../x", "*"]

    answers = {path: exchange(stage.shop, f"GET {path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode()) for path in paths}

    assert refused_as(404, answers) == {}


def test_a_method_that_an_address_does_not_take_is_refused_saying_which_it_takes(stage):
    methods = ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"]
    head = " /v1/products HTTP/1.1\r\nHost: shop\r\n\r\n"

    answers = {method: exchange(stage.shop, (method + head).encode()) for method in methods}

    assert refused_as(405, answers) == {}
    assert {answer.headers["Allow"] for answer in answers.values()} == {"GET, HEAD, OPTIONS, POST"}
