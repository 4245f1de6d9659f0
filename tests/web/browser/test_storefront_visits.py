"""The storefront's pages as visitors see and find them."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.waiting import wait_until
from tests.web.browser.support.shopping import Shopper


@pytest.fixture
def visitor(page, storefront):
    return Shopper(page, storefront)


def names(page):
    return [tile.inner_text() for tile in page.locator(".tile-name").all()]


def test_the_home_page_shows_categories_and_what_is_new(visitor, page, manager):
    new = manager.add_product(name=f"Brand-new Teapot {uuid4().hex[:6]}")

    visitor.go()

    assert names(page)[0] == new["name"]
    page.locator(".categories a", has_text="Garden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Garden")


def test_every_product_has_a_picture(visitor, page):
    visitor.go("/products")
    pictures = page.locator("img.picture")
    pictures.last.scroll_into_view_if_needed()

    wait_until(lambda: page.evaluate("[...document.images].every(image => image.complete)"))

    assert pictures.count() == 24
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


def test_products_are_found_by_words_category_and_stock(visitor, page, manager):
    word = uuid4().hex[:8]
    category = manager.add_category(f"Shelf {word}")
    manager.add_product(name=f"Plenty {word}", units=10, category_id=category["id"], price="10.00")
    manager.add_product(name=f"Nothing {word}", units=0, category_id=category["id"], price="20.00")

    visitor.go()
    page.get_by_role("searchbox").fill(word.upper())
    visitor.press("Search")
    assert names(page) == [f"Nothing {word}", f"Plenty {word}"]

    categories = page.get_by_role("navigation", name="Categories")
    for folded in categories.locator("summary").all():  # other tests may have made many
        folded.click()
    categories.get_by_role("link", name=f"Shelf {word}").click()
    assert names(page) == [f"Nothing {word}", f"Plenty {word}"]

    page.get_by_label("In stock only").check()
    expect(page.locator(".tile-name")).to_have_text([f"Plenty {word}"])
    expect(page).to_have_url(re.compile("in_stock=true"))

    page.reload()
    assert names(page) == [f"Plenty {word}"], "the address says what is shown"


def test_products_are_sorted_at_once(visitor, page):
    visitor.go("/products")

    page.get_by_label("Sort by").select_option("-price")

    expect(page.locator(".tile-name").first).not_to_have_text("Beeswax Boot Polish")
    prices = [float(price.inner_text().strip("€").replace(",", "")) for price in page.locator(".tile .price").all()]
    assert prices == sorted(prices, reverse=True)


def test_more_products_come_below_until_there_are_no_more(visitor, page, manager):
    everything = [product["name"] for product in manager.read_all("/v1/products")]
    visitor.go("/products")

    while page.get_by_role("link", name="Show more").count():
        shown = page.locator(".tile").count()
        page.get_by_role("link", name="Show more").click()
        expect(page.locator(".tile").nth(shown)).to_be_attached()
        page.wait_for_load_state("networkidle")

    assert names(page) == everything


def test_a_product_that_is_sold_out_cannot_be_put_in_the_cart(visitor, page, manager):
    product = manager.add_product(units=0)

    visitor.go(f"/products/{product['id']}")

    visitor.sees("Currently sold out.")
    assert page.get_by_role("button", name="Add to cart").count() == 0


def test_what_a_manager_writes_is_shown_as_it_was_written(visitor, page, manager):
    product = manager.add_product(name="<b>Bold</b> & 'brave'", description='First <i>line</i>.\n\n"Second" line.')

    visitor.go(f"/products/{product['id']}")

    assert page.get_by_role("heading", level=1).inner_text() == "<b>Bold</b> & 'brave'"
    visitor.sees("First <i>line</i>.")
    visitor.sees('"Second" line.')


def test_the_shop_speaks_german(visitor, page):
    visitor.go("/products?q=bowl")
    visitor.press("Deutsch")

    assert page.locator("html").get_attribute("lang") == "de"
    expect(page).to_have_url(re.compile("q=bowl"))
    visitor.sees("18,50\N{NO-BREAK SPACE}€")
    visitor.sees("Sortieren nach")


def test_times_are_the_readers_own(open_page, storefront, new_customer, manager):
    customer = new_customer("50.00")
    customer.place_order({manager.add_product()["id"]: 1})
    page = open_page(timezone_id="Asia/Tokyo")

    Shopper(page, storefront).log_in(customer).go("/orders")

    shown = page.locator("time").first
    here = page.evaluate("at => new Date(at).getHours()", shown.get_attribute("datetime"))
    assert f", {here:02}:" in shown.inner_text()
