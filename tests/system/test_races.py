"""Many want the same at once: the shop sells what it has, once, and every cent and unit is where it should be."""

from collections import Counter
from functools import partial

import pytest

from tests.system.support.agreement import require_agreement
from tests.system.support.crowd import at_once
from tests.system.support.market import INSTALLATIONS, empty_shop_as
from tests.system.support.on_rabbitmq import OnRabbitMQ
from tests.system.support.shapes import funds

BUYERS = 64
A_FEW = 32
"""As many as most races need."""
UNITS = 10


@pytest.fixture(scope="module", params=INSTALLATIONS)
def market(request):
    with empty_shop_as(request) as shop:
        yield shop
        require_agreement(shop)


@pytest.fixture(scope="module")
def crowd(market):
    """Customers with 100.00 each. A few register at a time: to hash their passwords takes long on purpose."""
    number = BUYERS if isinstance(market.installation, OnRabbitMQ) else A_FEW
    return [customer for _ in range(number // 8) for customer in at_once([market.new_customer] * 8)]


@pytest.fixture
def some(crowd):
    """As many of them as most races need."""
    return crowd[:A_FEW]


@pytest.fixture
def manager(market):
    return market.as_manager()


def ends(customers, orders):
    """How the orders have ended: how many with which status, and for which reasons."""
    ended = [customer.wait_for_end(order) for customer, order in zip(customers, orders, strict=True)]
    return Counter((order["status"], *(order["reason"] or ())) for order in ended)


def stock_of(manager, product):
    return manager.product(product["id"])["units_in_stock"]


# Stock and credit


def test_of_more_buyers_at_once_than_units_so_many_are_approved_and_all_others_out_of_stock(crowd, manager):
    product = manager.add_product(price="1.00", units=UNITS)

    orders = at_once([partial(buyer.place_order, {product["id"]: 1}) for buyer in crowd])

    assert ends(crowd, orders) == {("approved",): UNITS, ("rejected", "out_of_stock"): len(crowd) - UNITS}
    assert stock_of(manager, product) == 0


def test_20_orders_at_once_on_credit_for_7_give_exactly_7(market, manager):
    customer = market.new_customer(credit="70.00")
    product = manager.add_product(price="10.00", units=1000)

    orders = at_once([partial(customer.place_order, {product["id"]: 1})] * 20)

    assert ends([customer] * 20, orders) == {("approved",): 7, ("rejected", "insufficient_credit"): 13}
    assert funds(customer) == ("0.00", "0.00", "70.00")
    assert stock_of(manager, product) == 993


def test_orders_of_several_lines_get_all_of_them_or_none(some, manager):
    scarce = [manager.add_product(price="1.00", units=units) for units in (3, 5, 7)]
    wanted = [{scarce[(n + step) % 3]["id"]: 1 + n % 2 for step in range(1 + n % 3)} for n in range(len(some))]

    orders = at_once([partial(buyer.place_order, lines) for buyer, lines in zip(some, wanted, strict=True)])

    ended = [buyer.wait_for_end(order) for buyer, order in zip(some, orders, strict=True)]
    sold = Counter()
    for order, lines in zip(ended, wanted, strict=True):
        sold.update(lines if order["status"] == "approved" else {})
    assert {product["id"]: sold[product["id"]] + stock_of(manager, product) for product in scarce} == {
        product["id"]: product["units_in_stock"] for product in scarce
    }
    assert min(stock_of(manager, product) for product in scarce) <= 1
    assert {order["stock"] for order in ended} == {"reserved", "rejected"}


def test_corrections_of_the_stock_that_race_orders_never_go_below_zero(some, manager):
    product = manager.add_product(price="1.00", units=30)
    path = f"/v1/products/{product['id']}/stock"
    changes = [-3, 2, -2, -1] * 8

    def correct(delta):
        return manager.request("POST", path, json={"delta": delta, "reason": "A count"}).status_code

    done = at_once(
        [partial(buyer.place_order, {product["id"]: 1}) for buyer in some]
        + [partial(correct, change) for change in changes]
    )

    orders, codes = done[:A_FEW], done[A_FEW:]
    ended = ends(some, orders)
    assert ended.keys() <= {("approved",), ("rejected", "out_of_stock")}
    assert set(codes) <= {200, 409}
    corrected = sum(change for change, code in zip(changes, codes, strict=True) if code == 200)
    assert stock_of(manager, product) == 30 + corrected - ended[("approved",)] >= 0


def test_two_hundred_corrections_of_one_product_at_once_are_all_made(manager):
    product = manager.add_product(price="1.00", units=1)
    path, change = f"/v1/products/{product['id']}/stock", {"delta": 1, "reason": "A count"}

    def correct(key):
        return manager.request("POST", path, key, json=change).status_code

    assert Counter(at_once([partial(correct, f"count {number}") for number in range(200)])) == {200: 200}
    assert stock_of(manager, product) == 201


def test_edits_of_the_profile_that_race_orders_never_bring_credit_back(market, manager):
    customer, product = market.new_customer(), manager.add_product(price="3.00", units=1000)

    def rename(number):
        return customer.write("PATCH", "/v1/customers/me", {"full_name": f"Robin the {number}th"})

    done = at_once(
        call
        for number in range(24)
        for call in (partial(customer.place_order, {product["id"]: 1}), partial(rename, number))
    )

    assert ends([customer] * 24, done[::2]) == {("approved",): 24}
    assert funds(customer) == ("28.00", "0.00", "72.00")
    assert customer.me["version"] == 25
    assert customer.me["full_name"] in {f"Robin the {number}th" for number in range(24)}


def test_credit_set_by_a_manager_while_orders_use_it_up_is_what_can_be_spent_from_then_on(market, manager):
    customer, product = market.new_customer(credit="10.00"), manager.add_product(price="1.00", units=1000)

    done = at_once(
        [partial(customer.place_order, {product["id"]: 1})] * 30
        + [partial(manager.set_credit, customer.username, credit) for credit in ("5.00", "0.00", "3.00")]
    )

    ended = ends([customer] * 30, done[:30])
    assert ended.keys() <= {("approved",), ("rejected", "insufficient_credit")}
    # What must be true of the sums, the ledger says when the market closes.
    assert funds(customer)[2] == f"{ended[('approved',)]}.00"


# Once is once


def test_50_copies_of_one_request_at_once_give_one_order(market, manager):
    customer, product = market.new_customer(), manager.add_product(price="2.00", units=100)

    orders = at_once([partial(customer.place_order, {product["id"]: 2}, key="the-same")] * 50)

    assert len({order["id"] for order in orders}) == 1
    assert customer.wait_for_end(orders[0])["status"] == "approved"
    assert [order["id"] for order in customer.read_all("/v1/orders")] == [orders[0]["id"]]
    assert funds(customer) == ("96.00", "0.00", "4.00")
    assert stock_of(manager, product) == 98


def test_one_key_at_once_for_different_requests_is_one_order_and_refusals(market, manager):
    customer, product = market.new_customer(), manager.add_product(price="1.00", units=100)

    answers = at_once(
        partial(customer.answer_to_order, {product["id"]: quantity}, "the-same") for quantity in range(1, 11)
    )

    assert Counter(answer.status_code for answer in answers) == {202: 1, 422: 9}
    (order,) = customer.read_all("/v1/orders")
    assert order["id"] == next(answer.json()["id"] for answer in answers if answer.ok)


def test_the_same_username_20_times_at_once_gives_one_customer(market, manager):
    def register(number):
        person = {"username": ("Twin", "twin", "TWIN")[number % 3], "password": f"password {number}"}
        person |= {"full_name": f"Number {number}", "email": "twin@shop.example"}
        return market.visitor().request("POST", "/v1/customers", json=person).status_code

    codes = at_once(partial(register, number) for number in range(20))

    assert Counter(codes) == {201: 1, 409: 19}
    winner = codes.index(201)
    assert market.visitor().log_in("twin", f"password {winner}").me["full_name"] == f"Number {winner}"
    assert len(manager.read("/v1/customers", q="twin")["items"]) == 1


# A product that goes away


def test_a_product_withdrawn_between_placing_and_reserving_ends_in_not_on_sale(market, manager):
    customer = market.new_customer()
    product, other = (manager.add_product(price="1.00", units=10) for _ in range(2))
    market.call("products", "pause")
    try:
        order = customer.place_order({product["id"]: 1, other["id"]: 1})
        manager.write("DELETE", f"/v1/products/{product['id']}")
    finally:
        market.call("products", "resume")

    ended = customer.wait_for_end(order)

    assert (ended["status"], ended["stock"], ended["reason"]) == ("rejected", "rejected", ["not_on_sale"])
    assert stock_of(manager, other) == 10
    assert funds(customer) == ("100.00", "0.00", "0.00")


def test_products_withdrawn_while_they_are_ordered_are_sold_before_or_not_at_all(some, manager):
    products = [manager.add_product(price="1.00", units=10) for _ in range(8)]

    def withdraw(product):
        manager.write("DELETE", f"/v1/products/{product['id']}")

    answers = at_once(
        [partial(buyer.answer_to_order, {products[n % 8]["id"]: 1}) for n, buyer in enumerate(some)]
        + [partial(withdraw, product) for product in products]
    )[: len(some)]

    placed = [(buyer, answer.json()) for buyer, answer in zip(some, answers, strict=True) if answer.ok]
    assert {answer.status_code for answer in answers} <= {202, 422}
    ended = ends(*zip(*placed, strict=True)) if placed else Counter()
    assert ended.keys() <= {("approved",), ("rejected", "not_on_sale")}


def test_a_category_removed_while_products_are_added_keeps_them_or_never_had_them(manager):
    for number in range(10):
        category = manager.add_category(f"Shelf {number} {manager.username}")
        product = {
            "name": "Late", "description": "", "supplier": "", "category_id": category["id"],
            "price": {"amount": "1.00", "currency": "EUR"}, "units_in_stock": 1,
        }  # fmt: skip

        removed, *added = at_once(
            [
                partial(manager.request, "DELETE", f"/v1/categories/{category['id']}"),
                *[partial(manager.request, "POST", "/v1/products", json=product)] * 2,
            ]
        )

        codes = (removed.status_code, *(answer.status_code for answer in added))
        assert codes in {(204, 422, 422), (409, 201, 201), (409, 201, 422), (409, 422, 201)}, codes


# Cancelling


@pytest.mark.parametrize("units", [1000, 10])
def test_cancelling_while_the_order_is_decided_leaves_one_outcome_with_its_effects(some, manager, units):
    product = manager.add_product(price="1.00", units=units)
    before = {buyer.username: buyer.me["credit"] for buyer in some}

    def change_ones_mind(buyer):
        order = buyer.place_order({product["id"]: 1})
        return buyer.cancel(order).status_code, buyer.wait_for_end(order)

    outcomes = at_once(partial(change_ones_mind, buyer) for buyer in some)

    assert {(code, order["status"]) for code, order in outcomes} <= {(202, "cancelled"), (409, "rejected")}
    assert all(order["credit"] == "released" for _, order in outcomes)
    assert {buyer.username: buyer.me["credit"] for buyer in some} == before
    assert stock_of(manager, product) == units
    for buyer, (_, order) in zip(some, outcomes, strict=True):
        if order["invoice"]:
            assert buyer.read(f"/v1/invoices/{order['invoice']}")["credited_by"]


def test_an_order_cancelled_and_shipped_at_once_is_either(some, manager):
    product = manager.add_product(price="1.00", units=1000)
    buyers = some[:16]
    orders = at_once([partial(buyer.place_order, {product["id"]: 1}) for buyer in buyers])
    assert ends(buyers, orders) == {("approved",): 16}

    codes = [
        tuple(answer.status_code for answer in at_once([partial(buyer.cancel, order), partial(manager.ship, order)]))
        for buyer, order in zip(buyers, orders, strict=True)
    ]

    statuses = [buyer.wait_for_end(order)["status"] for buyer, order in zip(buyers, orders, strict=True)]
    expected = {"cancelled": (202, 409), "shipped": (409, 200)}
    assert codes == [expected[status] for status in statuses]


def test_an_order_cancelled_many_times_at_once_is_cancelled_once(market, manager):
    customer, product = market.new_customer(), manager.add_product(price="1.00", units=10)
    order = customer.place_order({product["id"]: 1})
    customer.wait_for(order, "approved")

    answers = at_once([partial(customer.cancel, order)] * 10)

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 9}
    assert customer.wait_for_end(order)["status"] == "cancelled"
    assert funds(customer) == ("100.00", "0.00", "0.00")
    assert stock_of(manager, product) == 10
