"""The goals of product managers, story by story, through the HTTP API."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.support.waiting import wait_until
from tests.system.support import shapes
from tests.system.support.shapes import cents, euros, funds, part


@pytest.fixture(scope="module", params=["shop_in_one_process", "shop_on_rabbitmq"])
def shop(request):
    return request.getfixturevalue(request.param)


def ids(items):
    return [item["id"] for item in items]


def this_year():
    return datetime.now(UTC).year


# A product manager adds, edits and deletes products and categories


def test_a_manager_adds_a_product_that_customers_can_see_and_buy_at_once(shop):
    manager, customer, category = shop.as_manager(), shop.new_customer(), shop.as_manager().add_category()
    body = {
        "name": "Lamp “Nordlicht”",
        "description": "Warm light.\n\nWith a dimmer.",
        "supplier": "Lumen & Söhne",
        "category_id": category["id"],
        "price": euros("49.90"),
        "units_in_stock": 4,
    }

    response = manager.request("POST", "/v1/products", json=body)
    product = response.json()

    assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
    assert response.headers["Location"] == f"/v1/products/{product['id']}"
    shapes.assert_product(product)
    assert product == {
        "id": product["id"],
        "name": body["name"],
        "description": body["description"],
        "supplier": body["supplier"],
        "category": {"id": category["id"], "name": category["name"]},
        "price": body["price"],
        "units_in_stock": 4,
        "version": 1,
    }
    assert shop.visitor().product(product["id"]) == product
    assert customer.wait_for_end(customer.place_order({product["id"]: 1}))["status"] == "approved"


def test_adding_a_product_twice_with_one_key_adds_one(shop):
    manager, category = shop.as_manager(), shop.as_manager().add_category()
    body = {"name": "Once", "description": "A", "supplier": "B", "category_id": category["id"], "units_in_stock": 1}
    body["price"], key = euros("1.00"), uuid4().hex

    added = [manager.write("POST", "/v1/products", body, key=key) for _ in range(2)]
    other = manager.request("POST", "/v1/products", json=body | {"units_in_stock": 2}, key=key)

    assert added[0] == added[1]
    assert ids(manager.read("/v1/products", category=category["id"])["items"]) == [added[0]["id"]]
    assert part(other.json(), "status", "title") == (
        422,
        "This Idempotency-Key was already used for a different request",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Another name"),
        ("description", "Another description."),
        ("supplier", "Somebody else"),
        ("price", euros("0.01")),
    ],
)
def test_a_manager_changes_one_thing_about_a_product_and_nothing_else(shop, field, value):
    manager = shop.as_manager()
    product = manager.add_product(price="10.00", units=5)

    response = manager.request("PATCH", f"/v1/products/{product['id']}", json={field: value})

    assert response.json() == product | {field: value, "version": 2}
    assert response.headers["ETag"] == '"2"'
    assert shop.visitor().product(product["id"]) == response.json()


def test_changing_several_things_of_a_product_at_once_is_one_edit(shop):
    manager, category = shop.as_manager(), shop.as_manager().add_category()
    product = manager.add_product()
    changes = {"name": "New", "description": "New.", "supplier": "New", "price": euros("2.00")}

    edited = manager.write(
        "PATCH", f"/v1/products/{product['id']}", changes | {"category_id": category["id"]}, **{"If-Match": '"1"'}
    )

    in_category = {"category": {"id": category["id"], "name": category["name"]}}
    assert edited == product | changes | in_category | {"version": 2}
    counts = {found["id"]: found["products"] for found in manager.read_all("/v1/categories", limit=100)}
    assert (counts[category["id"]], counts[product["category"]["id"]]) == (1, 0)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "Late"}),
        ("POST", "/stock", {"delta": 1, "reason": "Late"}),
        ("DELETE", "", None),
    ],
)
def test_a_change_to_a_product_made_on_an_older_version_is_refused(shop, method, path, body):
    manager, product = shop.as_manager(), shop.as_manager().add_product()
    changed = manager.write("PATCH", f"/v1/products/{product['id']}", {"name": "Faster"})

    late = manager.request(method, f"/v1/products/{product['id']}{path}", json=body, headers={"If-Match": '"1"'})
    there = manager.product(product["id"])
    in_time = manager.request(method, f"/v1/products/{product['id']}{path}", json=body, headers={"If-Match": '"2"'})

    assert late.status_code == 412
    assert there == changed
    assert in_time.ok


def test_orders_do_not_count_as_edits_of_a_product(shop):
    manager, customer = shop.as_manager(), shop.new_customer()
    product = manager.add_product("1.00", 5)
    customer.wait_for_end(customer.place_order({product["id"]: 2}))

    adjusted = manager.write(
        "POST", f"/v1/products/{product['id']}/stock", {"delta": 10, "reason": "Delivered"}, **{"If-Match": '"1"'}
    )

    assert (adjusted["units_in_stock"], adjusted["version"]) == (13, 2)


def test_a_manager_corrects_the_stock_but_never_below_zero(shop):
    manager, product = shop.as_manager(), shop.as_manager().add_product(units=5)
    path = f"/v1/products/{product['id']}/stock"

    fewer = manager.write("POST", path, {"delta": -5, "reason": "Broken"})
    below = manager.request("POST", path, json={"delta": -1, "reason": "Broken"})
    more = manager.write("POST", path, {"delta": 3, "reason": "Delivered"})

    assert [fewer["units_in_stock"], below.status_code, more["units_in_stock"]] == [0, 409, 3]
    assert manager.product(product["id"])["price"] == product["price"]


def test_a_stock_correction_with_a_key_counts_once(shop):
    manager, product = shop.as_manager(), shop.as_manager().add_product(units=5)
    path, key = f"/v1/products/{product['id']}/stock", uuid4().hex

    answers = [manager.request("POST", path, json={"delta": 2, "reason": "Delivered"}, key=key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert manager.product(product["id"])["units_in_stock"] == 7


def test_a_withdrawn_product_is_nowhere_and_cannot_be_ordered_but_old_orders_keep_it(shop):
    manager, customer = shop.as_manager(), shop.new_customer()
    product = manager.add_product()
    old = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    response = manager.request("DELETE", f"/v1/products/{product['id']}")

    assert (response.status_code, response.content) == (204, b"")
    page = f"/v1/products/{product['id']}"
    wait_until(lambda: shop.visitor().request("GET", page).status_code == 404, "the product to be gone")
    assert shop.visitor().read("/v1/products", category=product["category"]["id"])["items"] == []
    assert shop.visitor().read("/v1/products", q=product["name"])["items"] == []
    refused = customer.answer_to_order({product["id"]: 1})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["lines.0.product_id"])
    assert customer.order(old) == old
    assert customer.read(f"/v1/invoices/{old['invoice']}")["lines"] == old["lines"]
    again = [
        manager.request("DELETE", f"/v1/products/{product['id']}"),
        manager.request("PATCH", f"/v1/products/{product['id']}", json={"name": "Back"}),
        manager.request("POST", f"/v1/products/{product['id']}/stock", json={"delta": 1, "reason": "Back"}),
    ]
    assert [answer.status_code for answer in again] == [404, 404, 404]


def test_a_manager_adds_renames_and_removes_a_category(shop):
    manager = shop.as_manager()
    name = f"Garden {uuid4().hex[:6]}"

    added = manager.request("POST", "/v1/categories", json={"name": name})
    path = added.headers["Location"]
    renamed = manager.request("PATCH", path, json={"name": f"{name}s"}, headers={"If-Match": added.headers["ETag"]})
    late = manager.request("PATCH", path, json={"name": "Late"}, headers={"If-Match": added.headers["ETag"]})
    removed = manager.request("DELETE", path, headers={"If-Match": renamed.headers["ETag"]})

    category = added.json()
    assert (added.status_code, added.headers["ETag"], path) == (201, '"1"', f"/v1/categories/{category['id']}")
    assert category == {"id": category["id"], "name": name, "products": 0, "version": 1}
    assert (renamed.status_code, renamed.headers["ETag"]) == (200, '"2"')
    assert renamed.json() == category | {"name": f"{name}s", "version": 2}
    assert late.status_code == 412
    assert (removed.status_code, removed.content) == (204, b"")
    wait_until(lambda: manager.request("GET", path).status_code == 404, "the category to be gone")
    assert category["id"] not in ids(manager.read_all("/v1/categories", limit=100))


def test_a_renamed_category_has_its_new_name_on_its_products(shop):
    manager, product = shop.as_manager(), shop.as_manager().add_product()

    manager.write("PATCH", f"/v1/categories/{product['category']['id']}", {"name": "Renamed"})

    assert manager.product(product["id"])["category"]["name"] == "Renamed"


# A product manager sees all customers' order states


def test_a_manager_sees_the_orders_of_all_customers_and_can_narrow_them_down(shop):
    manager = shop.as_manager()
    product = manager.add_product("10.00", 100)
    rich, poor = shop.new_customer("100.00"), shop.new_customer("5.00")
    approved = rich.wait_for_end(rich.place_order({product["id"]: 1}))
    rejected = poor.wait_for_end(poor.place_order({product["id"]: 1}))
    shipped = rich.wait_for_end(rich.place_order({product["id"]: 2}))
    manager.ship(shipped)

    newest = manager.read("/v1/orders", limit=3)["items"]
    of_rich = manager.read("/v1/orders", customer=rich.username.upper())["items"]
    shipped_of_rich = manager.read("/v1/orders", customer=rich.username, status="shipped")["items"]
    all_rejected = manager.read_all("/v1/orders", status="rejected", limit=50)

    assert ids(newest) == ids([shipped, rejected, approved])
    assert ids(of_rich) == ids([shipped, approved])
    assert ids(shipped_of_rich) == [shipped["id"]]
    assert rejected["id"] in ids(all_rejected)
    assert {order["status"] for order in all_rejected} == {"rejected"}
    assert manager.read("/v1/orders", customer="nobody-of-that-name")["items"] == []


def test_pages_show_a_manager_each_order_of_the_shop_once(shop):
    manager, customer, product = shop.as_manager(), shop.new_customer(), shop.as_manager().add_product("0.01", 100)
    for _ in range(12):
        customer.place_order({product["id"]: 1})
    wait_until(lambda: not manager.read("/v1/orders", status="placed")["items"], "all orders to be decided")

    orders = manager.read_all("/v1/orders", limit=11)

    assert set(Counter(ids(orders)).values()) == {1}
    assert ids(orders) == ids(manager.read_all("/v1/orders", limit=100))
    assert [order["placed_at"] for order in orders] == sorted((o["placed_at"] for o in orders), reverse=True)
    for order in orders:
        shapes.assert_order(order)


def test_a_manager_sees_the_history_of_any_order(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    seen = shop.as_manager().history(order)
    records = [entry.pop("recorded") for entry in seen]

    assert seen == customer.history(order)
    assert [record["causation"] < record["position"] for record in records] == [True] * len(records)
    assert {record["service"] for record in records} == {"orders", "products", "customers", "accounting"}


def test_a_manager_can_cancel_for_a_customer_and_the_history_says_so(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    response = shop.as_manager().cancel(order)

    assert response.status_code == 202
    cancelled = [entry for entry in customer.history(order) if entry["event"] == "OrderCancelled"]
    assert [entry["detail"] for entry in cancelled] == [{"by": "manager"}]


def test_a_manager_ships_an_approved_order_once(shop):
    customer, manager, product = shop.new_customer(), shop.as_manager(), shop.as_manager().add_product()
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    first, second = manager.ship(order), manager.ship(order)

    assert (first.status_code, first.json()) == (200, order | {"status": "shipped", "version": 3})
    assert second.status_code == 409
    assert customer.order(order)["status"] == "shipped"


def test_only_an_approved_order_is_shipped(shop):
    customer, manager, product = shop.new_customer("10.00"), shop.as_manager(), shop.as_manager().add_product()
    rejected = customer.wait_for_end(customer.place_order({product["id"]: 2}))
    cancelled = customer.wait_for_end(customer.place_order({product["id"]: 1}))
    customer.cancel(cancelled)

    assert [manager.ship(order).status_code for order in (rejected, cancelled)] == [409, 409]


# A product manager edits customers' credit


def test_a_manager_sees_all_users_with_their_credit(shop):
    manager = shop.as_manager()
    new = [shop.new_customer(credit=f"{number}.00") for number in range(1, 4)]

    users = manager.read_all("/v1/customers", limit=2)

    names = [user["username"] for user in users]
    credit = {user["username"]: user["credit"] for user in users}
    assert set(Counter(names).values()) == {1}
    assert [credit[customer.username] for customer in new] == [euros("1.00"), euros("2.00"), euros("3.00")]
    assert {user["role"] for user in users} == {"customer", "manager"}
    for user in users:
        shapes.assert_customer(user)


@pytest.mark.parametrize("field", ["username", "full_name", "email"])
def test_a_manager_finds_a_customer_by_part_of_name_full_name_or_email(shop, field):
    word = uuid4().hex[:10]
    body = {"username": f"x{word}x", "full_name": f"A {word.upper()} B", "email": f"{word}@shop.example"}
    others = {"username": f"u{uuid4().hex[:8]}", "full_name": "C D", "email": "e@shop.example"}
    person = others | {field: body[field], "password": "a password"}
    shop.visitor().write("POST", "/v1/customers", person)

    found = shop.as_manager().read("/v1/customers", q=word[1:].upper())["items"]

    assert [customer["username"] for customer in found] == [person["username"]]


def test_a_manager_sets_a_credit_which_the_customer_can_then_spend(shop):
    manager, customer, product = shop.as_manager(), shop.new_customer("0.00"), shop.as_manager().add_product("10.00")
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))
    read = manager.request("GET", f"/v1/customers/{customer.username}")

    response = manager.request(
        "PUT",
        f"/v1/customers/{customer.username}/credit",
        json={"credit": euros("10.00"), "reason": "A good customer"},
        headers={"If-Match": read.headers["ETag"]},
    )

    shapes.assert_customer(response.json())
    assert (response.status_code, response.json()["credit"]) == (200, euros("10.00"))
    assert response.headers["ETag"] == f'"{read.json()["version"] + 1}"'
    assert manager.read(f"/v1/customers/{customer.username}") == response.json() == customer.me
    assert order["status"] == "rejected"
    assert customer.wait_for_end(customer.place_order({product["id"]: 1}))["status"] == "approved"


def test_credit_is_never_set_below_zero_or_on_an_older_version(shop):
    manager, customer = shop.as_manager(), shop.new_customer("7.00")
    path = f"/v1/customers/{customer.username}/credit"

    below = manager.request("PUT", path, json={"credit": euros("-0.01"), "reason": "Test"})
    late = manager.request("PUT", path, json={"credit": euros("1.00"), "reason": "Test"}, headers={"If-Match": '"1"'})

    assert (below.status_code, late.status_code) == (409, 412)
    assert customer.me["credit"] == euros("7.00")


def test_setting_the_credit_leaves_what_is_held_and_spent(shop):
    customer, product = shop.new_customer("50.00"), shop.as_manager().add_product("10.00")
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    shop.as_manager().set_credit(customer.username, "3.00")
    before_cancelling = funds(customer)
    customer.cancel(order)

    assert before_cancelling == ("3.00", "0.00", "10.00")
    wait_until(lambda: funds(customer) == ("13.00", "0.00", "0.00"), "the credit to come back")


# A product manager sees revenue and invoices


def test_revenue_of_a_year_and_its_months_is_the_sum_of_invoices_less_credit_notes(shop):
    manager, customer = shop.as_manager(), shop.new_customer("100.00")
    product = manager.add_product("3.33", 100)
    orders = [customer.wait_for_end(customer.place_order({product["id"]: units})) for units in (1, 2, 3)]
    before = cents(manager.read("/v1/revenue")["total"])
    customer.cancel(orders[1])
    wait_until(lambda: manager.read(f"/v1/invoices/{orders[1]['invoice']}")["credited_by"], "the credit note")

    revenue = manager.read("/v1/revenue", year=this_year())
    invoices = manager.read_all("/v1/invoices", limit=50, year=this_year())

    assert cents(revenue["total"]) == before - 666
    assert revenue.keys() == shapes.REVENUE
    assert revenue["year"] == this_year()
    assert [month["month"] for month in revenue["months"]] == list(range(1, 13))
    net, count = defaultdict(int), Counter()
    for invoice in invoices:
        month = int(invoice["issued_at"][5:7])
        net[month] += 0 if invoice["credited_by"] else cents(invoice["total"])
        count[month] += 1
    assert {month["month"]: cents(month["total"]) for month in revenue["months"] if month["invoices"]} == net
    assert {month["month"]: month["invoices"] for month in revenue["months"] if month["invoices"]} == count
    assert cents(revenue["total"]) == sum(net.values()) == sum(cents(month["total"]) for month in revenue["months"])


def test_revenue_is_of_this_year_unless_asked_otherwise(shop):
    assert shop.as_manager().read("/v1/revenue")["year"] == this_year()


def test_invoices_are_listed_newest_first_each_once_with_numbers_without_gap(shop):
    manager, customer, product = shop.as_manager(), shop.new_customer(), shop.as_manager().add_product("0.50", 100)
    for order in [customer.place_order({product["id"]: 1}) for _ in range(9)]:
        customer.wait_for_end(order)

    invoices = manager.read_all("/v1/invoices", limit=4, year=this_year())

    numbers = [invoice["number"] for invoice in invoices]
    assert numbers == [f"{this_year()}-{number:06d}" for number in range(len(numbers), 0, -1)]
    for invoice in invoices:
        shapes.assert_invoice(invoice)


def test_a_customer_sees_their_own_invoices_and_only_of_the_year_they_ask_for(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product("5.00")
    orders = [customer.wait_for_end(customer.place_order({product["id"]: 1})) for _ in range(2)]

    invoices = customer.read("/v1/invoices")["items"]

    assert [invoice["number"] for invoice in invoices] == [order["invoice"] for order in orders[::-1]]
    assert customer.read("/v1/invoices", year=this_year())["items"] == invoices
    assert customer.read("/v1/invoices", year=this_year() - 1)["items"] == []
    assert customer.read(f"/v1/invoices/{invoices[0]['number']}") == invoices[0]
