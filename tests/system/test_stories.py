"""The goals of customers and product managers, story by story, through the HTTP API."""

from collections import Counter
from uuid import uuid4

import pytest

from shop.text.matching import sort_key
from tests.support.waiting import wait_until
from tests.system.support import shapes
from tests.system.support.shapes import cents, euros, funds, part


@pytest.fixture(scope="module", params=["shop_in_one_process", "shop_on_rabbitmq"])
def shop(request):
    return request.getfixturevalue(request.param)


def a_word():
    """A word that is nowhere in the shop yet."""
    return f"w{uuid4().hex[:12]}"


def ids(items):
    return [item["id"] for item in items]


def pages(client, path, **query):
    """The items of one page after the other, each asked for when it is wanted."""
    page = client.read(path, **query)
    yield page["items"]
    while page["next"]:
        page = client.read(path, **query, after=page["next"])
        yield page["items"]


def events(history):
    return [entry["event"] for entry in history]


# A customer browses products, so as to order them


def test_a_visitor_sees_the_categories_with_how_many_products_each_has_on_sale(shop):
    manager, visitor = shop.as_manager(), shop.visitor()
    category = manager.add_category(f"Lamps {a_word()}")
    manager.add_product(category_id=category["id"])
    withdrawn = manager.add_product(category_id=category["id"])
    manager.write("DELETE", f"/v1/products/{withdrawn['id']}")

    categories = visitor.read_all("/v1/categories", limit=2)

    assert {frozenset(found) for found in categories} == {frozenset(shapes.CATEGORY)}
    assert len(categories) >= 5
    assert len(set(ids(categories))) == len(categories)
    assert [found["products"] for found in categories if found["id"] == category["id"]] == [1]


def test_categories_are_in_the_order_of_their_names(shop):
    names = [sort_key(category["name"]) for category in shop.visitor().read_all("/v1/categories", limit=3)]

    assert names == sorted(names)


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_of_products_show_each_product_once(shop, limit):
    visitor = shop.visitor()
    expected = Counter(ids(visitor.read_all("/v1/products")))

    shown = Counter(ids(visitor.read_all("/v1/products", limit=limit)))

    assert len(shown) >= 60
    assert set(shown.values()) == {1}
    assert shown == expected


def test_a_page_has_no_more_than_asked_and_the_last_one_says_that_it_is_the_last(shop):
    manager, category = shop.as_manager(), shop.as_manager().add_category()
    for _ in range(6):
        manager.add_product(category_id=category["id"])

    first = shop.visitor().read("/v1/products", category=category["id"], limit=3)
    last = shop.visitor().read("/v1/products", category=category["id"], limit=3, after=first["next"])

    assert (len(first["items"]), type(first["next"])) == (3, str)
    assert (len(last["items"]), last["next"]) == (3, None)


def test_a_page_has_20_items_unless_asked_otherwise(shop):
    assert len(shop.visitor().read("/v1/products")["items"]) == 20


@pytest.mark.parametrize(
    ("sort", "key", "descends"),
    [
        ("name", lambda product: sort_key(product["name"]), False),
        ("-name", lambda product: sort_key(product["name"]), True),
        ("price", lambda product: cents(product["price"]), False),
        ("-price", lambda product: cents(product["price"]), True),
    ],
)
def test_products_come_in_the_wanted_order_over_all_pages(shop, sort, key, descends):
    manager, category = shop.as_manager(), shop.as_manager().add_category()
    for name, price in [("beta", "2.00"), ("Alpha", "10.00"), ("gamma", "2.00"), ("Delta", "9.99"), ("alpha", "0.01")]:
        manager.add_product(category_id=category["id"], name=name, price=price)

    few = shop.visitor().read_all("/v1/products", sort=sort, limit=2, category=category["id"])
    all_ = shop.visitor().read_all("/v1/products", sort=sort, limit=9)

    assert len(few) == 5
    for products in (few, all_):
        keys = [key(product) for product in products]
        assert keys == sorted(keys, reverse=descends)
        assert len(set(ids(products))) == len(products)


def test_a_product_that_comes_or_goes_while_one_pages_does_not_hide_or_repeat_others(shop):
    manager, category = shop.as_manager(), shop.as_manager().add_category()
    products = [manager.add_product(category_id=category["id"], name=f"Item {n}") for n in range(1, 7)]
    first = manager.read("/v1/products", category=category["id"], limit=3)

    manager.write("DELETE", f"/v1/products/{products[2]['id']}")  # the very one where the next page begins
    manager.add_product(category_id=category["id"], name="Item 0")
    second = manager.read("/v1/products", category=category["id"], limit=3, after=first["next"])

    assert ids(first["items"]) == ids(products[:3])
    assert ids(second["items"]) == ids(products[3:])
    assert second["next"] is None


@pytest.mark.parametrize("letter", ["\N{GREEK SMALL LETTER IOTA WITH DIALYTIKA AND TONOS}", "\N{GRINNING FACE}"])
def test_pages_go_on_past_the_longest_of_names(shop, letter):
    manager = shop.as_manager()
    category, _ = manager.add_category(letter * 120), manager.add_category(letter * 120)
    products = [manager.add_product(name=letter * 120, category_id=category["id"]) for _ in range(3)]

    categories = shop.visitor().read_all("/v1/categories", limit=1)
    shown = shop.visitor().read_all("/v1/products", limit=1, category=category["id"])

    assert category["id"] in ids(categories)
    assert set(ids(shown)) == set(ids(products))


def test_a_visitor_sees_only_the_products_of_a_category(shop):
    manager = shop.as_manager()
    category, other = manager.add_category(), manager.add_category()
    mine = [manager.add_product(category_id=category["id"]) for _ in range(3)]
    manager.add_product(category_id=other["id"])

    products = shop.visitor().read("/v1/products", category=category["id"])["items"]

    assert set(ids(products)) == set(ids(mine))
    assert {(product["category"]["id"], product["category"]["name"]) for product in products} == {
        (category["id"], category["name"])
    }


def test_a_category_that_there_is_not_has_no_products(shop):
    assert shop.visitor().read("/v1/products", category=str(uuid4())) == {"items": [], "next": None}


@pytest.mark.parametrize("field", ["name", "description", "supplier"])
def test_searching_finds_words_anywhere_in_name_description_and_supplier(shop, field):
    word = a_word()
    product = shop.as_manager().add_product(**{field: f"Some {word.upper()} Ünicode 100% of_it"})
    visitor = shop.visitor()

    found = [
        ids(visitor.read("/v1/products", q=q)["items"])
        for q in (word, word[2:9].upper(), f"{word} ünicode 100% of_it", f"of_it  unicode {word}")
    ]

    assert found == [[product["id"]]] * 4
    assert visitor.read("/v1/products", q=f"{word} %of")["items"] == [], "% and _ are text, not patterns"


def test_a_search_goes_on_over_pages(shop):
    word, manager = a_word(), shop.as_manager()
    products = [manager.add_product(description=f"Made of {word}.") for _ in range(5)]

    found = shop.visitor().read_all("/v1/products", q=word, limit=2)

    assert Counter(ids(found)) == Counter(ids(products))


def test_a_visitor_can_leave_out_what_is_sold_out(shop):
    manager, category = shop.as_manager(), shop.as_manager().add_category()
    there = manager.add_product(units=1, category_id=category["id"])
    manager.add_product(units=0, category_id=category["id"])

    in_stock = shop.visitor().read("/v1/products", category=category["id"], in_stock="true")["items"]
    all_ = shop.visitor().read("/v1/products", category=category["id"], in_stock="false")["items"]

    assert ids(in_stock) == [there["id"]]
    assert len(all_) == 2


def test_a_visitor_sees_a_product_with_its_version_as_entity_tag(shop):
    product = shop.as_manager().add_product(price="19.98", units=7)

    response = shop.visitor().request("GET", f"/v1/products/{product['id']}")

    shapes.assert_product(response.json())
    assert response.json() == product
    assert (product["price"], product["units_in_stock"], product["version"]) == (euros("19.98"), 7, 1)
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Content-Type"] == "application/json"


def test_every_product_of_the_demo_has_all_that_is_promised(shop):
    for product in shop.visitor().read_all("/v1/products", limit=100):
        shapes.assert_product(product)


def test_a_customer_orders_several_products_in_any_quantity_and_gets_an_invoice(shop):
    manager, customer = shop.as_manager(), shop.new_customer(credit="500.00")
    vase, cup = manager.add_product(price="19.99", units=5), manager.add_product(price="0.10", units=1000)

    response = customer.answer_to_order({vase["id"]: 3, cup["id"]: 1000})
    placed = response.json()
    approved = customer.wait_for_end(placed)
    invoice = customer.read(f"/v1/invoices/{approved['invoice']}")

    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/orders/{placed['id']}"
    for order in (placed, approved):
        shapes.assert_order(order)
        assert order["customer"] == customer.username
        assert [(line["name"], line["quantity"], line["total"]) for line in order["lines"]] == [
            (vase["name"], 3, euros("59.97")),
            (cup["name"], 1000, euros("100.00")),
        ]
    assert part(approved, "status", "stock", "credit") == ("approved", "reserved", "reserved")
    assert [customer.product(product["id"])["units_in_stock"] for product in (vase, cup)] == [2, 0]
    shapes.assert_invoice(invoice)
    assert part(invoice, "order_id", "customer", "credited_by") == (approved["id"], customer.username, None)
    assert part(invoice, "lines", "total") == (approved["lines"], euros("159.97"))
    assert invoice["tax"] == euros("25.54"), "19 % included: 159.97 * 19 / 119"
    assert invoice["seller"]["name"] == "Nameko Shop"


def test_a_product_may_stand_in_several_lines_which_count_together(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product(price="1.00", units=5)
    lines = [{"product_id": product["id"], "quantity": 3}] * 2

    order = customer.write("POST", "/v1/orders", {"lines": lines}, key=uuid4().hex)

    assert customer.wait_for_end(order)["reason"] == ["out_of_stock"]
    assert customer.product(product["id"])["units_in_stock"] == 5


@pytest.mark.parametrize(
    ("units", "credit", "reason"),
    [
        (1, "100.00", ["out_of_stock"]),
        (9, "19.99", ["insufficient_credit"]),
        (1, "19.99", ["out_of_stock", "insufficient_credit"]),
    ],
)
def test_an_order_that_stock_or_credit_do_not_cover_is_rejected_and_nothing_stays_held(shop, units, credit, reason):
    customer, manager = shop.new_customer(credit), shop.as_manager()
    short, other = manager.add_product("5.00", units), manager.add_product("10.00", 9)

    order = customer.wait_for_end(customer.place_order({other["id"]: 1, short["id"]: 2}))

    assert part(order, "status", "reason", "invoice") == ("rejected", reason, None)
    assert "reserved" not in (order["stock"], order["credit"])
    assert [customer.product(product["id"])["units_in_stock"] for product in (short, other)] == [units, 9]
    assert funds(customer) == (credit, "0.00", "0.00")


def test_an_order_for_exactly_what_is_there_and_can_be_paid_succeeds(shop):
    customer, product = shop.new_customer("30.00"), shop.as_manager().add_product("10.00", 3)

    order = customer.wait_for_end(customer.place_order({product["id"]: 3}))

    assert order["status"] == "approved"
    assert customer.product(product["id"])["units_in_stock"] == 0
    assert funds(customer) == ("0.00", "0.00", "30.00")


def test_name_and_price_of_an_order_are_those_of_the_moment_it_was_placed(shop):
    manager, customer = shop.as_manager(), shop.new_customer("100.00")
    product = manager.add_product("10.00", name="As ordered")
    order = customer.place_order({product["id"]: 1})

    manager.write("PATCH", f"/v1/products/{product['id']}", {"name": "Renamed", "price": euros("99.00")})
    approved = customer.wait_for_end(order)

    assert (approved["lines"][0]["name"], approved["total"]) == ("As ordered", euros("10.00"))
    assert customer.read(f"/v1/invoices/{approved['invoice']}")["total"] == euros("10.00")


def test_the_same_request_again_is_the_same_order_and_another_with_its_key_is_refused(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("1.00", 9)

    first = customer.answer_to_order({product["id"]: 2}, key="mine")
    second = customer.answer_to_order({product["id"]: 2}, key="mine")
    other = customer.answer_to_order({product["id"]: 3}, key="mine")
    of_somebody_else = shop.new_customer("100.00").answer_to_order({product["id"]: 3}, key="mine")

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.headers["Location"] == second.headers["Location"]
    assert part(other.json(), "status", "title") == (
        422,
        "This Idempotency-Key was already used for a different request",
    )
    assert of_somebody_else.status_code == 202
    assert len(customer.read("/v1/orders")["items"]) == 1


# A customer sees past orders


def test_a_customer_sees_their_orders_newest_first_with_status_products_and_date(shop):
    customer, product = shop.new_customer("25.00"), shop.as_manager().add_product("10.00", 9)
    stranger = shop.new_customer()
    stranger.wait_for_end(stranger.place_order({product["id"]: 1}))
    placed = [customer.wait_for_end(customer.place_order({product["id"]: 1})) for _ in range(3)]

    orders = customer.read("/v1/orders")["items"]

    assert orders == placed[::-1]
    assert [order["status"] for order in orders] == ["rejected", "approved", "approved"]
    assert [order["lines"][0]["name"] for order in orders] == [product["name"]] * 3
    dates = [order["placed_at"] for order in orders]
    assert dates == sorted(dates, reverse=True)


def test_pages_show_each_of_many_orders_once_even_while_new_ones_are_placed(shop):
    customer, product = shop.new_customer("1000.00"), shop.as_manager().add_product("0.01", 1000)
    placed = [customer.place_order({product["id"]: 1}) for _ in range(61)]
    walk = pages(customer, "/v1/orders", limit=7)

    first = next(walk)
    customer.place_order({product["id"]: 1})
    others = [order for page in walk for order in page]

    assert ids([*first, *others]) == ids(placed[::-1])


def test_a_customer_sees_only_orders_of_a_status(shop):
    customer, product = shop.new_customer("25.00"), shop.as_manager().add_product("10.00", 9)
    orders = [customer.wait_for_end(customer.place_order({product["id"]: 1})) for _ in range(3)]

    found = {status: ids(customer.read("/v1/orders", status=status)["items"]) for status in ("approved", "rejected")}

    assert found == {"approved": ids([orders[1], orders[0]]), "rejected": [orders[2]["id"]]}
    assert customer.read("/v1/orders", status="shipped")["items"] == []


def test_the_history_of_an_order_tells_what_every_service_said_to_it_oldest_first(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 9)
    order = customer.place_order({product["id"]: 2})
    customer.wait_for_end(order)
    shop.as_manager().ship(order)

    history = customer.history(order)

    assert {frozenset(entry) for entry in history} == {frozenset(shapes.HISTORY_ENTRY)}
    assert all(shapes.TIME.fullmatch(entry["at"]) for entry in history)
    assert [entry["at"] for entry in history] == sorted(entry["at"] for entry in history)
    *decided, last = events(history)
    assert set(decided) == {
        *("OrderPlaced", "StockReserved", "UnitsReserved", "CreditReserved", "OrderApproved", "InvoiceIssued")
    }
    assert (decided[0], len(decided), last) == ("OrderPlaced", 6, "OrderShipped")
    states = {entry["event"]: entry["state"] for entry in history}
    assert part(states, "OrderPlaced", "CreditReserved") == ("placed", "placed")
    assert part(states, "OrderApproved", "OrderShipped") == ("approved", "shipped")
    details = {entry["event"]: entry["detail"] for entry in history}
    assert details["OrderPlaced"] == {"total": euros("20.00")}
    assert details["CreditReserved"] == {"amount": euros("20.00")}
    assert details["InvoiceIssued"]["invoice"] == customer.order(order)["invoice"]


def test_the_history_of_a_rejected_order_says_why_and_what_went_back(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 1)
    order = customer.wait_for_end(customer.place_order({product["id"]: 2}))

    history = {entry["event"]: entry for entry in customer.history(order)}

    assert set(history) == {"OrderPlaced", "StockRejected", "CreditReserved", "OrderRejected", "CreditReleased"}
    assert history["StockRejected"]["detail"]["shortages"] == [
        {"product_id": product["id"], "requested": 2, "available": 1, "reason": "out_of_stock"}
    ]
    assert history["OrderRejected"]["detail"] == {"reasons": ["out_of_stock"]}
    assert history["CreditReleased"]["detail"] == {"amount": euros("20.00")}


def test_a_long_history_can_be_paged(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    paged = customer.read_all(f"/v1/orders/{order['id']}/history", limit=2)

    assert paged == customer.history(order)
    assert len(paged) == 6


# A customer calls an order off


def test_cancelling_an_approved_order_releases_all_and_gives_a_credit_note(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 9)
    approved = customer.wait_for_end(customer.place_order({product["id"]: 2}))

    response = customer.cancel(approved)
    ended = customer.wait_for_end(approved)

    assert response.status_code == 202
    shapes.assert_order(response.json())
    assert part(ended, "status", "stock", "credit") == ("cancelled", "released", "released")
    assert part(ended, "reason", "invoice") == (None, approved["invoice"])
    assert customer.product(product["id"])["units_in_stock"] == 9
    assert funds(customer) == ("100.00", "0.00", "0.00")
    number = wait_until(lambda: customer.read(f"/v1/invoices/{approved['invoice']}")["credited_by"], "a note")
    assert shapes.CREDIT_NOTE_NUMBER.fullmatch(number)
    history = {entry["event"]: entry for entry in customer.history(approved)}
    assert {"OrderCancelled", "StockReleased", "UnitsReleased", "CreditReleased", "CreditNoteIssued"} <= set(history)
    assert history["OrderCancelled"]["detail"] == {"by": "customer"}
    assert history["CreditNoteIssued"]["detail"] == {
        "total": euros("20.00"),
        "credit_note": number,
        "invoice": approved["invoice"],
    }


def test_cancelling_before_approval_releases_all_and_gives_no_invoice(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 9)
    shop.call("customers", "pause")
    try:
        order = customer.place_order({product["id"]: 2})
        wait_until(lambda: customer.order(order)["stock"] == "reserved", "the stock to be held")
        held = customer.product(product["id"])["units_in_stock"]
        cancelled = customer.cancel(order)
    finally:
        shop.call("customers", "resume")
    ended = customer.wait_for_end(order)

    assert held == 7
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    assert part(ended, "status", "stock", "credit", "invoice") == ("cancelled", "released", "released", None)
    assert customer.product(product["id"])["units_in_stock"] == 9
    assert funds(customer) == ("100.00", "0.00", "0.00")
    assert not {"OrderApproved", "InvoiceIssued", "CreditNoteIssued"} & set(events(customer.history(order)))


def test_an_order_is_cancelled_once_and_not_after_it_was_rejected_or_shipped(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 9)
    orders = [customer.wait_for_end(customer.place_order({product["id"]: units})) for units in (1, 1, 100)]
    customer.cancel(orders[0])
    shop.as_manager().ship(orders[1])

    again = [customer.cancel(order) for order in orders]

    assert [response.status_code for response in again] == [409, 409, 409]
    assert [customer.order(order)["status"] for order in orders] == ["cancelled", "shipped", "rejected"]


def test_a_cancellation_with_a_key_can_be_repeated(shop):
    customer, product = shop.new_customer("100.00"), shop.as_manager().add_product("10.00", 9)
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))
    path = f"/v1/orders/{order['id']}/cancellation"

    answers = [customer.request("POST", path, key="off-with-it") for _ in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(202, "cancelled")] * 2
    assert events(customer.history(order)).count("OrderCancelled") == 1


# A customer sees and adjusts their profile


def test_a_new_customer_has_the_opening_credit_and_an_address_of_their_own(shop):
    name = f"new.{uuid4().hex[:8]}"
    body = {"username": name, "password": "a password", "full_name": "Zoë Ångström", "email": "zoe@shop.example"}

    response = shop.visitor().request("POST", "/v1/customers", json=body)

    shapes.assert_customer(response.json())
    assert response.status_code == 201
    assert part(response.headers, "Location", "ETag") == (f"/v1/customers/{name}", '"1"')
    assert response.json() == {
        "username": name,
        "full_name": "Zoë Ångström",
        "email": "zoe@shop.example",
        "address": None,
        "role": "customer",
        "credit": euros("100.00"),
        "held": euros("0.00"),
        "spent": euros("0.00"),
        "version": 1,
    }


def test_a_customer_edits_name_email_and_address_and_each_edit_counts(shop):
    customer = shop.new_customer()
    home = {"street": "14 Harbour Street", "city": "Gothenburg", "postcode": "411 05", "country": "SE"}

    answers = [
        customer.request("PATCH", "/v1/customers/me", json=changes, headers={"If-Match": f'"{version}"'})
        for version, changes in enumerate(
            [{"full_name": "Another Name"}, {"email": "else@shop.example"}, {"address": home}, {"address": None}], 1
        )
    ]

    assert [answer.headers["ETag"] for answer in answers] == ['"2"', '"3"', '"4"', '"5"']
    assert answers[2].json()["address"] == home
    assert part(customer.me, "full_name", "email", "address") == ("Another Name", "else@shop.example", None)
    assert customer.me == answers[3].json()


def test_an_edit_made_on_an_older_version_is_refused(shop):
    customer = shop.new_customer()
    read = customer.request("GET", "/v1/customers/me")
    customer.write("PATCH", "/v1/customers/me", {"full_name": "First"})

    late = customer.request(
        "PATCH", "/v1/customers/me", json={"full_name": "Late"}, headers={"If-Match": read.headers["ETag"]}
    )

    assert late.status_code == 412
    assert customer.me["full_name"] == "First"


def test_an_edit_with_a_key_can_be_repeated_though_its_version_has_passed(shop):
    customer = shop.new_customer()
    options = {"json": {"full_name": "Once"}, "headers": {"If-Match": '"1"'}, "key": uuid4().hex}

    answers = [customer.request("PATCH", "/v1/customers/me", **options) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers["ETag"] for answer in answers] == ['"2"', '"2"']


def test_an_edit_that_changes_nothing_is_no_edit(shop):
    customer = shop.new_customer()

    customer.write("PATCH", "/v1/customers/me", {"full_name": customer.me["full_name"]})
    customer.write("PATCH", "/v1/customers/me", {})

    assert customer.me["version"] == 1


def test_an_order_is_delivered_to_the_address_that_the_customer_had_then(shop):
    customer, product = shop.new_customer(), shop.as_manager().add_product()
    home = {"street": "3 Mill Lane", "city": "York", "postcode": "YO1 7HH", "country": "GB"}
    customer.write("PATCH", "/v1/customers/me", {"address": home})

    order = customer.place_order({product["id"]: 1})

    streams = shop.call("event_store", "read_streams", [[f"order-{order['id']}", 0]])["streams"]
    assert streams[f"order-{order['id']}"]["events"][0]["data"]["address"] == home
