"""Faults of the shop that this one replaces; each test says how it is here."""

import base64
import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import eventlet
import pytest

from shop.contracts.commits import Commit
from shop.contracts.events import InvoiceIssued, OrderLine, OrderPlaced, Seller
from shop.contracts.money import Money
from tests.support.waiting import wait_until
from tests.system.support.routes import FOR_ANYONE, address, routes, statuses
from tests.system.support.shapes import cents, euros, funds, part
from tests.system.support.shop_under_test import PASSWORD


def at_once(*actions):
    """The actions' results; they begin at the same time."""
    return [thread.wait() for thread in [eventlet.spawn(action) for action in actions]]


def append(shop, event, correlation_id):
    """Write an event to the log behind the services' backs, to a stream that is new."""
    commit = Commit(
        command_id=f"test:{uuid4()}",
        events=(event,),
        expects={event.stream: 0},
        correlation_id=str(correlation_id),
        actor="operator:test",
        service="test",
    )
    return shop.call("event_store", "append", commit.dump())


def all_commits(shop):
    after = 0
    while True:
        page = shop.call("event_store", "read_all", after)
        yield from page["commits"]
        if page["next"] is None:
            return
        after = page["next"]


def events_of(shop, stream):
    """The types of the events that the log has in the stream."""
    events = shop.call("event_store", "read_streams", [[stream, 0]])["streams"][stream]["events"]
    return [event["type"] for event in events]


# Orders, stock and credit


def test_the_last_unit_is_sold_once(shop):
    product = shop.as_manager().add_product(units=1)
    buyers = [shop.new_customer() for _ in range(4)]

    orders = at_once(*[lambda buyer=buyer: buyer.place_order({product["id"]: 1}) for buyer in buyers])

    ended = [buyer.wait_for_end(order) for buyer, order in zip(buyers, orders, strict=True)]
    assert Counter((order["status"], str(order["reason"])) for order in ended) == {
        ("approved", "None"): 1,
        ("rejected", "['out_of_stock']"): 3,
    }
    assert shop.visitor().product(product["id"])["units_in_stock"] == 0


def test_two_orders_of_300_do_not_both_pass_on_a_credit_of_300(shop):
    customer, product = shop.new_customer("300.00"), shop.as_manager().add_product("300.00", 5)

    orders = at_once(*[lambda: customer.place_order({product["id"]: 1})] * 2)

    ended = [customer.wait_for_end(order) for order in orders]
    assert Counter((order["status"], str(order["reason"])) for order in ended) == {
        ("approved", "None"): 1,
        ("rejected", "['insufficient_credit']"): 1,
    }
    assert funds(customer) == ("0.00", "0.00", "300.00")


def test_an_unknown_product_is_refused_at_once_and_leaves_no_order_behind(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product()

    response = customer.answer_to_order({product["id"]: 1, str(uuid4()): 1})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["lines.1.product_id"]
    assert customer.read("/v1/orders")["items"] == []


def test_an_order_of_an_unknown_customer_is_rejected_and_the_others_go_on(shop):
    product, order_id = shop.as_manager().add_product("1.00", 5), uuid4()
    line = OrderLine(product_id=product["id"], name=product["name"], quantity=2, unit_price=Money(100, "EUR"))
    nobody = f"nobody-{uuid4().hex[:8]}"
    placed = OrderPlaced(order_id=order_id, customer=nobody, lines=(line,), total=line.total, address=None)

    append(shop, placed, order_id)
    rejected = shop.as_manager().wait_for_end({"id": str(order_id)})

    assert part(rejected, "status", "reason", "stock") == ("rejected", ["insufficient_credit"], "released")
    customer = shop.new_customer()
    assert customer.wait_for_end(customer.place_order({product["id"]: 5}))["status"] == "approved"


def test_nothing_is_called_complete_before_it_was_checked(shop):
    customer, product = shop.new_customer("0.00"), shop.as_manager().add_product(units=0)

    order = customer.place_order({product["id"]: 1})

    assert part(order, "status", "stock", "credit", "invoice") == ("placed", "pending", "pending", None)
    assert customer.wait_for_end(order)["status"] == "rejected"


def test_editing_a_profile_during_orders_does_not_bring_the_credit_back(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 100)
    name = "Busy {}".format

    *edits, orders = at_once(
        *[lambda n=n: customer.write("PATCH", "/v1/customers/me", {"full_name": name(n)}) for n in range(8)],
        lambda: [customer.wait_for_end(customer.place_order({product["id"]: 1})) for _ in range(5)],
    )

    assert [order["status"] for order in orders] == ["approved"] * 5
    assert {edit["full_name"] for edit in edits} == {name(n) for n in range(8)}
    assert funds(customer) == ("50.00", "0.00", "50.00")


# Invoices and revenue


def test_an_approved_order_has_an_invoice(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product("12.34")

    order = customer.wait_for_end(customer.place_order({product["id"]: 2}))

    invoice = customer.read(f"/v1/invoices/{order['invoice']}")
    assert part(invoice, "order_id", "customer", "total") == (order["id"], customer.username, euros("24.68"))


def test_revenue_counts_the_invoices_of_its_own_year_only(shop):
    manager, order_id = shop.as_manager(), uuid4()
    line = OrderLine(product_id=uuid4(), name="Antique", quantity=1, unit_price=Money(1999, "EUR"))
    invoice = InvoiceIssued(
        year=1999,
        number=1,
        order_id=order_id,
        customer="alice",
        address=None,
        seller=Seller(name="Test", address="Test", tax_id="Test"),
        lines=(line,),
        tax_percent="19",
        tax=Money(319, "EUR"),
        total=line.total,
        issued_at=datetime(1999, 12, 31, tzinfo=UTC),
    )
    this_year = manager.read("/v1/revenue")

    append(shop, invoice, order_id)
    wait_until(lambda: manager.read("/v1/invoices", year=1999)["items"], "the invoice to be shown")

    revenue = {year: manager.read("/v1/revenue", year=year) for year in (1998, 1999, 2000)}
    assert [revenue[year]["total"] for year in revenue] == [euros("0.00"), euros("19.99"), euros("0.00")]
    assert [cents(month["total"]) for month in revenue[1999]["months"]] == [0] * 11 + [1999]
    assert manager.read("/v1/revenue") == this_year


# Registration and the catalogue


@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_a_username_belongs_to_whoever_came_first_however_it_is_spelled(shop, spelled):
    name = f"Somebody{uuid4().hex[:8]}"
    shop.visitor().register(name, PASSWORD)
    body = {"username": spelled(name), "password": "of the second", "full_name": "Second", "email": "b@shop.example"}

    response = shop.visitor().request("POST", "/v1/customers", json=body)

    assert response.status_code == 409
    first = shop.visitor().log_in(name, PASSWORD)
    assert part(first.me, "username", "full_name") == (name, "Robin Tester")
    second = {"username": name, "password": "of the second"}
    assert shop.visitor().request("POST", "/v1/sessions", json=second).status_code == 401


def test_a_category_with_products_stays_so_that_what_can_be_ordered_can_be_seen(shop):
    manager, customer = shop.as_manager(), shop.new_customer()
    product = manager.add_product()
    category = product["category"]

    refused = manager.request("DELETE", f"/v1/categories/{category['id']}")

    assert refused.status_code == 409
    shown = customer.read("/v1/products", category=category["id"])["items"]
    assert [found["id"] for found in shown] == [product["id"]]
    assert customer.wait_for_end(customer.place_order({product["id"]: 1}))["status"] == "approved"


def test_an_empty_category_can_be_removed_and_takes_no_products_afterwards(shop):
    manager, product = shop.as_manager(), shop.as_manager().add_product()
    category = product["category"]
    manager.write("DELETE", f"/v1/products/{product['id']}")

    manager.write("DELETE", f"/v1/categories/{category['id']}")

    late = manager.request(
        "POST",
        "/v1/products",
        json={
            "name": "Late",
            "description": "Late",
            "supplier": "Late",
            "category_id": category["id"],
            "price": euros("1.00"),
            "units_in_stock": 1,
        },
    )
    assert (late.status_code, list(late.json()["errors"])) == (422, ["category_id"])


def test_an_edit_of_the_price_leaves_the_stock_and_the_other_way_round(shop):
    manager = shop.as_manager()
    product = manager.add_product(price="3.00", units=40)
    path = f"/v1/products/{product['id']}"

    repriced = manager.write("PATCH", path, {"price": euros("5.00")})
    restocked = manager.write("POST", f"{path}/stock", {"delta": 2, "reason": "Delivered"})
    both = manager.request("PATCH", path, json={"price": euros("7.00"), "units_in_stock": 1})

    assert part(repriced, "price", "units_in_stock") == (euros("5.00"), 40)
    assert part(restocked, "price", "units_in_stock") == (euros("5.00"), 42)
    assert (both.status_code, list(both.json()["errors"])) == (422, ["units_in_stock"])
    assert manager.product(product["id"]) == restocked


# Secrets and access


def test_no_password_or_token_is_readable_anywhere(shop):
    secrets = {name: f"{name}-{uuid4()}" for name in ("first", "guess", "second", "refused", "boss", "reset", "stray")}
    name, boss, visitor = f"u{uuid4().hex[:8]}", f"m{uuid4().hex[:8]}", shop.visitor()
    person = {"username": name, "full_name": "Robin", "email": "robin@shop.example"}
    answers = [
        visitor.request("POST", "/v1/customers", key=uuid4().hex, json=person | {"password": secrets["first"]}),
        visitor.request("POST", "/v1/customers", json=person | {"password": secrets["refused"] * 9}),
        visitor.request("POST", "/v1/sessions", json={"username": name, "password": secrets["guess"]}),
        visitor.request("GET", "/v1/products", params={"password": secrets["stray"]}),
    ]
    customer = shop.visitor().log_in(name, secrets["first"])
    body = {"current_password": secrets["first"], "new_password": secrets["second"]}
    answers.append(customer.request("PUT", "/v1/customers/me/password", key=uuid4().hex, json=body))
    shop.call("customers", "add_manager", boss, secrets["boss"])
    shop.call("customers", "reset_password", boss, secrets["reset"])
    token = customer.session.headers["Authorization"].removeprefix("Bearer ")
    manager = shop.as_manager()
    answers += [manager.request("GET", path) for path in ("/v1/customers", f"/v1/customers/{name}", "/openapi.json")]
    answers += [customer.request("GET", path) for path in ("/v1/customers/me", "/v1/sessions/current", "/v1/orders")]

    assert [answer.status_code for answer in answers[:5]] == [201, 422, 401, 422, 204]
    files = [path for path in shop.installation.folder.path.iterdir() if path.is_file()]
    places = {path.name: path.read_bytes() for path in [*files, shop.installation.output_file]}
    places |= {f"answer {number}": answer.content for number, answer in enumerate(answers)}
    places["events"] = json.dumps(list(all_commits(shop))).encode()
    assert {"log.db", "customers.db", "shop.log"} <= set(places)
    assert {place for place, content in places.items() if name.encode() in content} >= {"events", "log.db-wal"}
    for secret in (*secrets.values(), PASSWORD, token):
        assert [place for place, content in places.items() if any(form in content for form in forms(secret))] == []


def forms(secret):
    """The secret as it is, and in ways that hide it from nobody."""
    plain = secret.encode()
    yield from (plain, plain[::-1], plain.hex().encode(), base64.b64encode(plain).rstrip(b"="))
    yield from (json.dumps(secret).encode(), hashlib.md5(plain).hexdigest().encode())
    yield hashlib.sha1(plain).hexdigest().encode()


def test_passwords_are_kept_as_argon2id_hashes_that_only_the_customers_service_is_given(shop):
    first, second = shop.new_customer(), shop.new_customer()

    hashes = [shop.call("event_store", "read_credentials", user.username)["password_hash"] for user in (first, second)]

    assert all(kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for kept in hashes)
    assert hashes[0] != hashes[1], "salted, for their passwords are the same"
    told = [event for commit in all_commits(shop) for event in commit["events"] if event["type"] == "PasswordSet"]
    assert len(told) > 5
    assert [event["data"] for event in told if event["data"]] == []


def test_nobody_changes_anything_without_logging_in(shop):
    writes = {(method, path) for method, path in routes(shop) - FOR_ANYONE if method != "GET"}

    answers = statuses(shop.visitor(), writes)

    assert {route for route, status in answers.items() if status != 401} == set()
    assert len(answers) > 10


def test_customers_do_not_set_credit_not_even_in_other_ways_than_the_obvious(shop):
    customer = shop.new_customer()
    credit = {"credit": euros("999.00"), "reason": "Please"}

    tries = [
        customer.request("PUT", f"/v1/customers/{customer.username}/credit", json=credit),
        customer.request("PUT", "/v1/customers/me/credit", json=credit),
        customer.request("PATCH", "/v1/customers/me", json={"credit": euros("999.00")}),
        customer.request("PATCH", "/v1/customers/me", json={"role": "manager"}),
        customer.request("PATCH", "/v1/customers/me", json={"full_name": "x", "version": 9, "held": euros("0.00")}),
        shop.visitor().request(
            "POST",
            "/v1/customers",
            json={
                "username": f"u{uuid4().hex[:8]}",
                "password": PASSWORD,
                "full_name": "x",
                "email": "x@shop.example",
                "credit": euros("999.00"),
                "role": "manager",
            },
        ),
    ]

    assert [answer.status_code for answer in tries] == [403, 403, 422, 422, 422, 422]
    assert funds(customer) == ("100.00", "0.00", "0.00")
    assert part(customer.me, "role", "version") == ("customer", 1)


def test_a_link_that_is_followed_orders_and_changes_nothing(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    temptations = {"product_id": product["id"], "quantity": "1", "credit": "999", "username": customer.username}
    before = shop.call("event_store", "head")

    for client in (shop.visitor(), customer, shop.as_manager()):
        for method, path in routes(shop):
            for asking in ("GET", "HEAD", "OPTIONS"):
                known = address(path).replace("nobody-at-all", customer.username)
                answer = client.request(asking, known, params=temptations)
                assert answer.status_code < 500, f"{method} {path}"

    assert shop.call("event_store", "head") == before


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
def test_a_form_on_another_website_orders_nothing(shop, content_type):
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    body = json.dumps({"lines": [{"product_id": product["id"], "quantity": 1}]})

    answer = customer.request("POST", "/v1/orders", key="k", data=body, headers={"Content-Type": content_type})

    assert answer.status_code == 415
    assert "Set-Cookie" not in answer.headers, "a session is sent on purpose, never by a browser on its own"
    assert customer.read("/v1/orders")["items"] == []


# Facts first


def test_whatever_is_said_to_be_done_is_in_the_log_by_then(shop):
    manager, customer = shop.as_manager(), shop.new_customer()

    product = manager.add_product()
    added = events_of(shop, f"product-{product['id']}"), events_of(shop, f"category-{product['category']['id']}")
    manager.write("POST", f"/v1/products/{product['id']}/stock", {"delta": 1, "reason": "Test"})
    adjusted = events_of(shop, f"product-{product['id']}")
    customer.write("PATCH", "/v1/customers/me", {"full_name": "Kept"})
    edited = events_of(shop, f"customer-{customer.username}")
    order = customer.place_order({product["id"]: 1})
    placed = shop.call("event_store", "find", [f"place:{order['id']}"])[f"place:{order['id']}"]["events"]

    assert added == (["ProductAdded"], ["CategoryAdded", "ProductListed"])
    assert adjusted == ["ProductAdded", "StockAdjusted"]
    assert edited == ["CustomerRegistered", "ProfileChanged"]
    assert [event["type"] for event in placed] == ["OrderPlaced"]


def test_success_is_not_announced_for_what_could_not_be_stored(make_shop):
    shop = make_shop(env={"SHOP_RPC_TIMEOUT_SECONDS": "1"}).start()
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    with closing(sqlite3.connect(shop.installation.folder.path / "log.db", isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")  # and nobody else writes to the log
        blocked = [customer.try_order({product["id"]: 1}, key="only-one") for _ in range(2)]
        somebody.execute("ROLLBACK")

    order = wait_until(lambda: accepted(customer.try_order({product["id"]: 1}, key="only-one")), "the order")

    assert [answer.status_code for answer in blocked] == [503, 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in blocked)
    assert customer.wait_for_end(order)["status"] == "approved"
    assert [found["id"] for found in customer.read("/v1/orders")["items"]] == [order["id"]]
    assert shop.visitor().product(product["id"])["units_in_stock"] == 9


def accepted(answer):
    return answer.json() if answer.status_code == 202 else None


def test_work_that_was_begun_when_the_shop_was_killed_is_done_after_it(make_shop):
    shop = make_shop().start()
    customer, product = shop.new_customer(), shop.as_manager().add_product("1.00", 10)
    for service in ("customers", "products"):
        shop.call(service, "pause")
    orders = [customer.place_order({product["id"]: 1}) for _ in range(3)]
    waiting = [customer.order(order)["status"] for order in orders]

    shop.kill_9()
    shop.restart()

    assert waiting == ["placed"] * 3
    assert [customer.wait_for_end(order)["status"] for order in orders] == ["approved"] * 3
    assert shop.visitor().product(product["id"])["units_in_stock"] == 7
    assert funds(customer) == ("97.00", "0.00", "3.00")


# Money


def test_no_amount_of_money_is_ever_a_float(shop):
    manager, customer = shop.as_manager(), shop.new_customer("1000.00")
    dime, odd = manager.add_product("0.10", 1000), manager.add_product("19.99", 1000)
    order = customer.wait_for_end(customer.place_order({dime["id"]: 3, odd["id"]: 3}))
    lists = ("/v1/products", "/v1/customers", "/v1/orders", "/v1/invoices", "/v1/categories", "/v1/revenue")
    texts = [manager.request("GET", path).text for path in lists]
    texts += [customer.request("GET", f"/v1/orders/{order['id']}{part}").text for part in ("", "/history")]

    answers = [json.loads(text) for text in texts]

    assert [answer for answer in answers if has_floats(answer)] == []
    assert order["total"] == euros("60.27")
    assert [line["total"] for line in order["lines"]] == [euros("0.30"), euros("59.97")]
    assert funds(customer) == ("939.73", "0.00", "60.27")
    assert [event for commit in all_commits(shop) for event in commit["events"] if has_floats(event["data"])] == []


def has_floats(value):
    if isinstance(value, dict | list):
        return any(map(has_floats, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float)
