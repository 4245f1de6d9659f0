"""The cart and the checkout, with a gateway made up for the test."""

from uuid import UUID, uuid4

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, LAMP, UNAVAILABLE, customer, eur, order, product
from tests.web.support.forms import errors_of, fields_of
from tests.web.support.visiting import Visitor, words


@pytest.fixture
def visitor() -> Visitor:
    visitor = Visitor()
    visitor.gateway.on("GET", f"/v1/products/{LAMP}", product(LAMP, "Moth Table Lamp", "84.00", units=3))
    visitor.gateway.on("POST", "/v1/orders", order())
    visitor.gateway.on("GET", f"/v1/orders/{order()['id']}", order())
    return visitor


def quantities(visitor):
    """The quantities on the cart's page, by product."""
    page = visitor.text("/cart")
    shown = {}
    for id_ in (BOWL, LAMP):
        if f'name="quantity-{id_}" value="' in page:
            shown[id_] = int(page.split(f'name="quantity-{id_}" value="')[1].split('"')[0])
    return shown


def test_a_cart_is_filled_before_the_log_in_and_survives_it(visitor):
    visitor.send(f"/cart/products/{BOWL}", {"quantity": "2"})
    visitor.send(f"/cart/products/{LAMP}", {"quantity": "1"})
    visitor.send(f"/cart/products/{BOWL}", {"quantity": "3"})

    visitor.log_in()

    assert quantities(visitor) == {BOWL: 5, LAMP: 1}
    assert "€176.50" in visitor.text("/cart")


def test_products_stay_in_the_order_in_which_they_were_put_in(visitor):
    visitor.send(f"/cart/products/{BOWL}")
    visitor.send(f"/cart/products/{LAMP}")

    lines = visitor.text("/cart").split('class="cart-line')[1:]

    assert ["Stoneware Bowl" in lines[0], "Moth Table Lamp" in lines[1]] == [True, True]


def test_what_was_put_in_is_said_once_with_the_way_to_the_cart(visitor):
    answer = visitor.send(f"/cart/products/{BOWL}", {"quantity": "2"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/products/{BOWL}")
    assert 'Stoneware Bowl added to your cart (2 in total). <a href="/cart">' in visitor.text("/products")
    assert "in your cart." not in visitor.text("/products")


@pytest.mark.parametrize("quantity", ["", "0", "-1", "1.5", "two", "1001", "9" * 30, "٣", "<b>"])
def test_only_whole_quantities_come_into_the_cart(visitor, quantity):
    answer = visitor.send(f"/cart/products/{BOWL}", {"quantity": quantity})

    assert answer.status_code == 422
    assert errors_of(answer, "quantity") == ["Enter a whole number between 1 and 1000."]
    assert fields_of(answer, f"/cart/products/{BOWL}")["quantity"] == quantity, "what was typed stays"
    assert quantities(visitor) == {}


def test_what_comes_into_the_cart_and_is_not_there_is_said_at_once(visitor):
    visitor.send(f"/cart/products/{LAMP}", {"quantity": "2"})
    assert "Moth Table Lamp added to your cart (2 in total)." in words(visitor.get("/products"))

    visitor.send(f"/cart/products/{LAMP}", {"quantity": "3"})

    page = visitor.text("/products")
    assert "Moth Table Lamp added to your cart (5 in total), but only 3 in stock." in page
    assert "notice-warn" in page
    assert "notice-success" not in page


def test_the_cart_says_how_many_there_are_in_it_now(visitor):
    visitor.send(f"/cart/products/{BOWL}", {"quantity": "2"})
    visitor.text("/products")
    visitor.send(f"/cart/products/{BOWL}", {"quantity": "3"})

    assert "Stoneware Bowl added to your cart (5 in total)." in words(visitor.get("/products"))


def test_nobody_can_put_in_what_is_not_on_sale(visitor):
    assert visitor.send(f"/cart/products/{uuid4()}", {"quantity": "1"}).status_code == 404


def test_a_cart_holds_as_much_as_one_order_and_fits_a_cookie(visitor):
    for _ in range(50):
        id_ = str(uuid4())
        visitor.gateway.on("GET", f"/v1/products/{id_}", product(id_))
        visitor.send(f"/cart/products/{id_}", {"quantity": "1000"})
    answer = visitor.log_in().send(f"/cart/products/{BOWL}", {"quantity": "1"})

    page = visitor.get("/cart")

    assert answer.headers["Location"] == "/cart"
    assert "Your cart is full" in words(page)
    assert words(page).count("Stoneware Bowl") == 150, "a heading and two hidden labels for each of them"
    cookies = [line for line in visitor.get("/").headers.getlist("Set-Cookie") if line.startswith("storefront_session")]
    assert all(len(line) < 4093 for line in cookies)


def test_quantities_change_and_nothing_is_none(visitor):
    visitor.fill_cart(2)
    visitor.send(f"/cart/products/{LAMP}")

    visitor.send("/cart", {f"quantity-{BOWL}": " 7 ", f"quantity-{LAMP}": "0"})

    assert quantities(visitor) == {BOWL: 7}


def test_a_product_is_removed_whatever_stands_in_its_field(visitor):
    visitor.fill_cart(2)
    visitor.send(f"/cart/products/{LAMP}")

    visitor.send("/cart", {f"quantity-{BOWL}": "rubbish", f"quantity-{LAMP}": "3", "remove": BOWL})

    assert quantities(visitor) == {LAMP: 3}


def test_a_wrong_quantity_is_told_next_to_its_field_and_stays_typed(visitor):
    visitor.fill_cart(2)
    visitor.send(f"/cart/products/{LAMP}")

    answer = visitor.send("/cart", {f"quantity-{BOWL}": "a few", f"quantity-{LAMP}": "3", "checkout": "1"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="a few"' in page
    assert errors_of(answer, f"quantity-{BOWL}")
    assert f'id="quantity-{LAMP}-errors"' not in page
    assert quantities(visitor) == {BOWL: 2, LAMP: 3}, "what was right is kept"


def test_what_is_not_on_sale_any_more_leaves_the_cart_and_says_so(visitor):
    visitor.fill_cart()
    visitor.gateway.on("GET", f"/v1/products/{BOWL}", Problem(404, "unknown-product"))

    page = visitor.text("/cart")

    assert "no longer available" in page
    assert quantities(visitor) == {}


def test_more_than_is_in_stock_is_told_in_the_cart(visitor):
    visitor.send(f"/cart/products/{LAMP}", {"quantity": "4"})

    assert "Only 3 in stock." in visitor.text("/cart")


# The checkout


def test_the_checkout_asks_for_a_log_in_first(visitor):
    answer = visitor.fill_cart().get("/checkout")

    assert answer.headers["Location"] == "/login?next=/checkout"


def test_an_empty_cart_has_no_checkout(visitor):
    assert visitor.log_in().get("/checkout").headers["Location"] == "/cart"


def test_the_checkout_shows_the_total_against_the_credit(visitor):
    page = words(visitor.fill_cart().log_in().get("/checkout"))

    assert "Available credit €100.00 This order €37.00 Remaining after this order €63.00" in page
    assert "Place order" in page
    assert "anyway" not in page


def test_credit_that_will_not_suffice_is_said_plainly(visitor):
    visitor.gateway.on("GET", "/v1/customers/me", customer(credit="36.99"))

    page = words(visitor.fill_cart().log_in().get("/checkout"))

    assert "Remaining after this order -€0.01" in page
    assert "Your available credit does not cover this order." in page
    assert "Place order anyway" in page


def test_credit_that_just_suffices_does(visitor):
    visitor.gateway.on("GET", "/v1/customers/me", customer(credit="37.00"))

    page = words(visitor.fill_cart().log_in().get("/checkout"))

    assert "Remaining after this order €0.00" in page
    assert "anyway" not in page


def test_placing_an_order_sends_what_was_shown_and_empties_the_cart(visitor):
    visitor.fill_cart(2).log_in()
    form = visitor.hidden("/checkout")

    answer = visitor.client.post("/checkout", data=form)

    (asked,) = visitor.gateway.asked("POST", "/v1/orders")
    assert answer.headers["Location"] == f"/orders/{order()['id']}"
    assert asked.body == {"lines": [{"product_id": BOWL, "quantity": 2}], "expected_total": eur("37.00")}
    assert asked.headers["Idempotency-Key"].startswith(form["key"])
    assert quantities(visitor) == {}


def test_a_form_that_is_sent_twice_is_the_same_request(visitor):
    visitor.fill_cart(2).log_in()
    form = visitor.hidden("/checkout")

    for _ in range(2):
        visitor.client.post("/checkout", data=form)

    first, second = visitor.gateway.asked("POST", "/v1/orders")
    assert (first.headers, first.body) == (second.headers, second.body)


def test_each_checkout_is_an_order_of_its_own(visitor):
    visitor.fill_cart(2).log_in()

    assert visitor.hidden("/checkout")["key"] != visitor.hidden("/checkout")["key"]


def test_what_came_into_the_cart_meanwhile_is_not_ordered_and_stays(visitor):
    visitor.fill_cart(2).log_in()
    form = visitor.hidden("/checkout")
    visitor.send(f"/cart/products/{LAMP}", {"quantity": "1"})

    visitor.client.post("/checkout", data=form)

    assert visitor.gateway.asked("POST", "/v1/orders")[0].body["lines"] == [{"product_id": BOWL, "quantity": 2}]
    assert quantities(visitor) == {LAMP: 1}


def test_nothing_is_ordered_at_another_price_than_was_shown(visitor):
    visitor.fill_cart(2).log_in()
    form = visitor.hidden("/checkout")
    visitor.gateway.on("GET", f"/v1/products/{BOWL}", product(price="20.00"))
    visitor.gateway.on("POST", "/v1/orders", Problem(409, "total-moved", "The total is another one by now: 40.00 EUR."))

    answer = visitor.client.post("/checkout", data=form)
    visitor.gateway.on("POST", "/v1/orders", order())
    visitor.client.post("/checkout", data=fields_of(answer, "/checkout"))

    first, second = visitor.gateway.asked("POST", "/v1/orders")
    assert "Prices have changed" in words(answer)
    assert "€40.00" in words(answer)
    assert (first.body["expected_total"], second.body["expected_total"]) == (eur("37.00"), eur("40.00"))
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


@pytest.mark.parametrize("missing", [{"total": ""}, {"currency": ""}])
def test_nothing_is_ordered_without_the_total_that_was_shown(visitor, missing):
    visitor.fill_cart(2).log_in()

    answer = visitor.client.post("/checkout", data=visitor.hidden("/checkout") | missing)

    assert "Place order" in words(answer)
    assert visitor.gateway.asked("POST", "/v1/orders") == []


def test_a_product_that_is_gone_leads_back_to_the_cart(visitor):
    visitor.fill_cart(2).log_in()
    found = {"lines.0.product_id": ["Product not available."]}
    visitor.gateway.on("POST", "/v1/orders", Problem(422, "invalid-request", errors=found))

    answer = visitor.client.post("/checkout", data=visitor.hidden("/checkout"))

    assert answer.headers["Location"] == "/cart"
    assert "A product in your cart is no longer available." in visitor.text("/cart")


def test_an_order_that_was_not_answered_can_be_sent_again_as_the_same(visitor):
    visitor.fill_cart(2).log_in()
    form = visitor.hidden("/checkout")
    visitor.gateway.on("POST", "/v1/orders", UNAVAILABLE)

    answer = visitor.client.post("/checkout", data=form)

    assert answer.status_code == 503
    assert "you will not be charged twice" in words(answer)
    assert f'name="key" value="{form["key"]}"' in answer.get_data(as_text=True)
    assert quantities(visitor) == {BOWL: 2}


@pytest.mark.parametrize(
    "lines",
    ["", "rubbish", f"{BOWL}", f"{BOWL}:0", f"{BOWL}:-2", f"{BOWL}:1001", f"{BOWL}:two", "x:1", ":", f"{BOWL}:1,"],
)
def test_a_form_that_we_did_not_make_orders_nothing(visitor, lines):
    visitor.fill_cart(2).log_in()

    answer = visitor.client.post("/checkout", data=visitor.hidden("/checkout") | {"lines": lines})

    assert answer.headers["Location"] == "/cart"
    assert visitor.gateway.asked("POST", "/v1/orders") == []


def test_an_order_that_is_too_dear_says_how_much_it_may_be(visitor):
    visitor.fill_cart(2).log_in()
    found = {"lines": ["The order total must not exceed 9999999.99 EUR."]}
    visitor.gateway.on("POST", "/v1/orders", Problem(422, "invalid-request", errors=found))

    visitor.client.post("/checkout", data=visitor.hidden("/checkout"))

    assert "An order cannot exceed €9,999,999.99." in visitor.text("/cart")


def test_what_was_ordered_once_goes_into_the_cart_again(visitor):
    visitor.log_in().fill_cart(1)
    visitor.gateway.on("GET", f"/v1/orders/{order()['id']}", order())

    answer = visitor.send(f"/cart/orders/{order()['id']}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/cart")
    assert 'value="3"' in visitor.text("/cart"), "one that was there, and the two of the order"


def test_of_an_order_that_is_put_in_again_only_what_is_on_sale_stays(visitor):
    visitor.log_in()
    gone = order()["lines"][0] | {"product_id": str(uuid4())}
    visitor.gateway.on("GET", f"/v1/orders/{order()['id']}", order(lines=[*order()["lines"], gone]))

    visitor.send(f"/cart/orders/{order()['id']}")

    said = words(visitor.get("/cart"))
    assert "A product is no longer available and was removed from your cart." in said
    assert "Stoneware Bowl" in said


def test_a_full_cart_takes_no_order_again_and_says_so(visitor):
    visitor.log_in()
    lines = [order()["lines"][0] | {"product_id": str(UUID(int=number))} for number in range(51)]
    visitor.gateway.on("GET", f"/v1/orders/{order()['id']}", order(lines=lines))

    visitor.send(f"/cart/orders/{order()['id']}")

    assert "Your cart is full" in words(visitor.get("/orders"))


def test_a_refusal_by_the_gateway_leads_back_to_the_cart(visitor):
    visitor.fill_cart(2).log_in()
    visitor.gateway.on("POST", "/v1/orders", Problem(422, "command-reused"))

    answer = visitor.client.post("/checkout", data=visitor.hidden("/checkout"))

    assert answer.headers["Location"] == "/cart"
    assert "already been submitted with different values" in visitor.text("/cart")
