"""Products and categories, as managers edit them: each value goes where it belongs, and what is wrong is said there."""

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, KITCHEN, page_of, product
from tests.web.support.forms import errors_of, value_of
from tests.web.support.managing import Manager
from tests.web.support.visiting import words

PATH = f"/v1/products/{BOWL}"
FIELDS = {
    "name": "Tea Pot",
    "description": "Round.\r\nBlue.",
    "supplier": "Leaf & Co",
    "category_id": KITCHEN["id"],
    "price": "19.98",
}
NEW = FIELDS | {"units_in_stock": "7"}


@pytest.fixture
def manager():
    return Manager()


# Products


def test_a_new_product_has_each_value_in_its_place(manager):
    manager.gateway.on("POST", "/v1/products", product(name="Tea Pot"))

    answer = manager.send("/products/new", NEW)

    (asked,) = manager.gateway.asked("POST", "/v1/products")
    assert answer.headers["Location"] == f"/products/{BOWL}"
    assert asked.body == {
        "name": "Tea Pot",
        "description": "Round.\r\nBlue.",
        "supplier": "Leaf & Co",
        "category_id": KITCHEN["id"],
        "price": {"amount": "19.98", "currency": "EUR"},
        "units_in_stock": 7,
    }
    assert "Tea Pot has been added to the catalogue." in words(manager.get(f"/products/{BOWL}"))


def test_a_form_that_is_sent_twice_asks_for_the_same_thing(manager):
    manager.gateway.on("POST", "/v1/products", product())
    key = manager.hidden("/products/new")["key"]

    for _ in range(2):
        manager.send("/products/new", NEW | {"key": key})

    keys = [asked.headers["Idempotency-Key"] for asked in manager.gateway.asked("POST", "/v1/products")]
    assert keys[0].startswith(key)
    assert keys == [keys[0], keys[0]]


@pytest.mark.parametrize(
    ("typed", "amount"), [("19.98", "19.98"), ("19,98", "19.98"), (" 1 000,5 ", "1000.5"), ("1,000.50", "1000.50")]
)
def test_a_price_may_have_a_decimal_comma(manager, typed, amount):
    manager.gateway.on("POST", "/v1/products", product())

    manager.send("/products/new", NEW | {"price": typed})

    assert manager.gateway.asked("POST", "/v1/products")[0].body["price"]["amount"] == amount


def test_german_notation_is_read_and_shown_on_german_pages(manager):
    german = {"Accept-Language": "de"}
    manager.gateway.on("POST", "/v1/products", product())

    manager.send("/products/new", NEW | {"price": "1.234,50", "units_in_stock": "1.000"}, headers=german)
    page = manager.get(f"/products/{BOWL}", headers=german)
    refused = manager.send("/products/new", NEW | {"price": "billig"}, headers=german)

    (asked,) = manager.gateway.asked("POST", "/v1/products")
    assert (asked.body["price"]["amount"], asked.body["units_in_stock"]) == ("1234.50", 1000)
    assert value_of(page, "price") == "18,50"
    assert errors_of(refused, "price") == ["Geben Sie einen Betrag ein, z. B. 1.234,56."]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 121, "Use at most 120 characters."),
        ("supplier", "  ", "This field is required."),
        ("category_id", "", "This field is required."),
        ("price", "", "This field is required."),
        ("units_in_stock", "", "Enter a whole number between 0 and 1000000."),
        ("units_in_stock", "-1", "Enter a whole number between 0 and 1000000."),
        ("units_in_stock", "1.5", "Enter a whole number between 0 and 1000000."),
    ],
)
def test_what_is_wrong_stands_next_to_its_field_and_what_was_typed_stays(manager, field, value, error):
    answer = manager.send("/products/new", NEW | {field: value})

    assert answer.status_code == 422
    assert errors_of(answer, field) == [error]
    assert manager.gateway.asked("POST", "/v1/products") == []
    kept = {name: typed for name, typed in NEW.items() if name not in (field, "description", "category_id")}
    assert {name: value_of(answer, name).replace("&amp;", "&") for name in kept} == kept


def test_what_the_gateway_finds_wrong_stands_there_too(manager):
    errors = {"price.amount": ['Must be a decimal amount such as "19.98".'], "category_id": ["Category not found."]}
    manager.gateway.on("POST", "/v1/products", Problem(422, "invalid-request", errors=errors))

    answer = manager.send("/products/new", NEW | {"price": "1" * 13})

    assert errors_of(answer, "price") == ["Enter an amount such as 19.98."]
    assert errors_of(answer, "category_id") == ["Category not found."]
    assert value_of(answer, "price") == "1" * 13


def test_the_edit_form_shows_each_value_in_its_place(manager):
    answer = manager.get(f"/products/{BOWL}")

    assert value_of(answer, "name") == "Stoneware Bowl"
    assert value_of(answer, "supplier") == "Tidewater"
    assert value_of(answer, "price") == "18.50"
    assert value_of(answer, "delta") == ""
    assert "42 units in stock" in words(answer)


def test_an_edit_sends_each_value_to_its_place_and_names_the_version_that_was_seen(manager):
    manager.gateway.on("PATCH", PATH, product())

    answer = manager.send(f"/products/{BOWL}", FIELDS | {"version": "1"})

    (asked,) = manager.gateway.asked("PATCH", PATH)
    assert answer.status_code == 303
    assert asked.headers["If-Match"] == '"1"'
    assert asked.body == {**FIELDS, "price": {"amount": "19.98", "currency": "EUR"}}


def test_an_edit_that_somebody_else_was_faster_with_can_be_sent_again(manager):
    manager.gateway.on("GET", PATH, product() | {"version": 5})
    manager.gateway.on("PATCH", PATH, Problem(412, "edit-conflict", "Somebody else has changed it."))

    answer = manager.send(f"/products/{BOWL}", FIELDS | {"version": "4", "name": "Mine"})

    assert answer.status_code == 422
    assert "Someone else has changed this since you opened it." in words(answer)
    assert value_of(answer, "name") == "Mine"
    page = answer.get_data(as_text=True)
    assert 'name="version" value="5"' in page
    assert 'name="version" value="4"' not in page


def test_a_delivery_is_added_to_the_stock(manager):
    manager.gateway.on("POST", f"{PATH}/stock", product(units=52))

    answer = manager.send(f"/products/{BOWL}/stock", {"delta": "10", "reason": "delivery", "version": "1"})

    (asked,) = manager.gateway.asked("POST", f"{PATH}/stock")
    assert answer.status_code == 303
    assert asked.body == {"delta": 10, "reason": "delivery"}
    assert "If-Match" not in asked.headers, "right whatever the stock is by now"
    assert "Stock updated: 52 units." in words(manager.get(f"/products/{BOWL}"))


def test_more_than_there_is_cannot_be_taken_away(manager):
    manager.gateway.on("POST", f"{PATH}/stock", Problem(409, "stock-below-zero", "The stock would go below zero."))

    answer = manager.send(f"/products/{BOWL}/stock", {"delta": "-99", "reason": "broken"})

    assert answer.status_code == 422
    assert "Stock cannot be negative." in words(answer)
    assert value_of(answer, "delta") == "-99"
    assert value_of(answer, "price") == "18.50"


@pytest.mark.parametrize("delta", ["", "ten", "1.5", "1e3", "9999999999"])
def test_a_change_of_stock_is_a_whole_number(manager, delta):
    answer = manager.send(f"/products/{BOWL}/stock", {"delta": delta, "reason": "delivery"})

    assert errors_of(answer, "delta") == ["Enter a whole number between -1000000 and 1000000."]


def test_a_product_is_withdrawn_after_a_question(manager):
    manager.gateway.on("DELETE", PATH, None)
    assert "Discontinue Stoneware Bowl?" in words(manager.get(f"/products/{BOWL}/withdrawal"))

    answer = manager.send(f"/products/{BOWL}/withdrawal", {"version": "1"})

    assert answer.headers["Location"] == "/products"
    assert manager.gateway.asked("DELETE", PATH)[0].headers["If-Match"] == '"1"'


# The list


def test_the_list_asks_for_what_is_searched_for(manager):
    manager.get(f"/products?q=%20tea%00&category={KITCHEN['id']}&sort=units")

    assert manager.gateway.asked("GET", "/v1/products")[-1].query == {
        "q": "tea", "category": KITCHEN["id"], "sort": "units", "limit": "20"
    }  # fmt: skip


def test_a_search_that_makes_no_sense_is_one_for_everything(manager):
    manager.get("/products?category=everything&sort=colour")

    assert manager.gateway.asked("GET", "/v1/products")[-1].query == {"sort": "name", "limit": "20"}


def test_a_long_list_goes_on_where_it_stopped(manager):
    manager.gateway.on("GET", "/v1/products", page_of(product(), after="next-one"))
    page = manager.text("/products?q=bowl&sort=price")

    assert 'href="/products?after=next-one&amp;q=bowl&amp;sort=price"' in page


def test_a_page_that_is_gone_is_the_first_one(manager):
    answers = [Problem(422, "invalid-request", errors={"after": ["Not a cursor."]})]
    known = manager.gateway.call

    def call(method, path, **options):
        if (options.get("query") or {}).get("after"):
            raise answers[0]
        return known(method, path, **options)

    manager.gateway.call = call

    assert "Stoneware Bowl" in words(manager.get("/products?after=old"))


# Categories


def test_a_category_is_added(manager):
    manager.gateway.on("POST", "/v1/categories", KITCHEN | {"name": "Garden"})

    answer = manager.send("/categories", {"name": " Garden "})

    assert answer.status_code == 303
    assert manager.gateway.asked("POST", "/v1/categories")[0].body == {"name": "Garden"}


def test_a_category_is_renamed_in_the_version_that_was_seen(manager):
    manager.gateway.on("PATCH", f"/v1/categories/{KITCHEN['id']}", KITCHEN)

    answer = manager.send(f"/categories/{KITCHEN['id']}", {"name": "Cooking", "version": "1"})

    (asked,) = manager.gateway.asked("PATCH", f"/v1/categories/{KITCHEN['id']}")
    assert (answer.status_code, asked.body, asked.headers["If-Match"]) == (303, {"name": "Cooking"}, '"1"')


def test_a_category_without_products_can_be_removed(manager):
    manager.gateway.on("GET", f"/v1/categories/{KITCHEN['id']}", KITCHEN | {"products": 0})
    manager.gateway.on("DELETE", f"/v1/categories/{KITCHEN['id']}", None)
    assert "Delete category" in words(manager.get(f"/categories/{KITCHEN['id']}"))

    assert manager.send(f"/categories/{KITCHEN['id']}/removal", {"version": "1"}).status_code == 303


def test_a_category_with_products_says_what_to_do_first(manager):
    manager.gateway.on("DELETE", f"/v1/categories/{KITCHEN['id']}", Problem(409, "category-in-use"))

    page = manager.get(f"/categories/{KITCHEN['id']}")
    answer = manager.send(f"/categories/{KITCHEN['id']}/removal")

    assert "This category contains 2 products. Move or discontinue them first." in words(page)
    assert "/removal" not in page.get_data(as_text=True)
    assert (
        answer.status_code,
        "The category still contains products. Move or discontinue them first." in words(answer),
    ) == (422, True)


@pytest.mark.parametrize("path", ["/categories", f"/categories/{KITCHEN['id']}"])
def test_a_category_needs_a_name(manager, path):
    answer = manager.send(path, {"name": " "})

    assert (answer.status_code, errors_of(answer, "name")) == (422, ["This field is required."])
