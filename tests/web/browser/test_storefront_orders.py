"""Ordering, from the first look to the invoice."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.waiting import wait_until
from tests.web.browser.conftest import PASSWORD
from tests.web.browser.support.shopping import Shopper
from tests.web.browser.support.watching import printed_controls


@pytest.fixture
def shopper(page, storefront):
    return Shopper(page, storefront)


def order_on(page, customer):
    return customer.read(f"/v1{urlsplit(page.url).path}")


def test_a_cart_filled_by_a_visitor_becomes_an_order_and_an_invoice(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    bowl, lamp = manager.add_product("18.50", 10), manager.add_product("20.00", 3)

    shopper.put_in_cart(bowl, 2).put_in_cart(lamp).go("/cart")
    page.get_by_label(f"Quantity {lamp['name']}").fill("3")
    shopper.press("Go to checkout")
    page.get_by_label("Username").fill(customer.username)
    page.get_by_label("Password").fill(PASSWORD)
    shopper.press("Log in", within="main")

    shopper.sees("€97.00")
    shopper.sees("€3.00")
    shopper.press("Place order")

    expect(page.locator("#headline")).to_have_text("Your order is confirmed. Thank you!")
    expect(page.locator("#progress a")).to_be_visible()
    assert shopper.lights == ["done", "done", "done", "done", "done", "waiting"]
    assert page.locator(".count").count() == 0, "the cart is empty"
    order = order_on(page, customer)
    page.locator("#progress a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Invoice {order['invoice']}")
    shopper.sees("€97.00")


def test_the_invoice_can_be_had_as_pdf(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    order = customer.wait_for_end(customer.place_order({manager.add_product("10.00")["id"]: 1}))
    shopper.log_in(customer).go(f"/invoices/{order['invoice']}")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").click()

    assert download.value.suggested_filename == f"{order['invoice']}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_orders_and_invoices_print_without_the_site_around_them(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    order = customer.wait_for_end(customer.place_order({manager.add_product("10.00", name="Paper Lamp")["id"]: 1}))
    shopper.log_in(customer)

    for path in (f"/orders/{order['id']}", f"/invoices/{order['invoice']}"):
        assert printed_controls(shopper.go(path).page) == []
        expect(page.get_by_text("Paper Lamp")).to_be_visible()


def test_an_order_beyond_credit_and_stock_is_announced_rejected_and_explained(shopper, page, new_customer, manager):
    customer = new_customer("12.00")
    product = manager.add_product("10.00", 1, name="Rare Vase")
    shopper.log_in(customer).put_in_cart(product, 2).go("/checkout")

    shopper.sees("Your available credit does not cover this order.")
    shopper.sees("Only 1 of Rare Vase in stock.")
    shopper.press("Place order anyway")

    expect(page.locator("#headline")).to_have_text("Your order was rejected.")
    shopper.sees("Rare Vase: 2 ordered, only 1 in stock.")
    shopper.sees("Your available credit of €12.00 does not cover the total of €20.00.")
    assert customer.me["credit"]["amount"] == "12.00"


def test_the_steps_light_up_without_the_page_being_loaded_again(shopper, page, new_customer, manager):
    customer = new_customer("50.00")
    page.clock.install()
    shopper.log_in(customer).put_in_cart(manager.add_product("10.00")).go("/checkout")
    shopper.press("Place order")
    page.wait_for_url("**/orders/*")
    page.evaluate("window.stayed = true")

    expect(page.locator("#progress a")).to_be_visible()

    assert page.evaluate("window.stayed") is True
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(5_000)  # of the browser's: several times as long as it waits between two questions
    page.evaluate("fetch('/healthz')")
    assert [urlsplit(url).path for url in asked] == ["/healthz"], "at its end, the page asks no more"


def test_a_double_click_places_one_order(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    shopper.log_in(customer).put_in_cart(manager.add_product("10.00")).go("/checkout")

    page.get_by_role("button", name="Place order").dblclick()

    page.wait_for_url("**/orders/*")
    customer.wait_for_end(order_on(page, customer))
    assert len(customer.read_all("/v1/orders")) == 1


def test_going_back_and_ordering_again_leads_to_the_same_order(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    shopper.log_in(customer).put_in_cart(manager.add_product("10.00")).go("/checkout")
    form = page.locator("main form").last.evaluate("form => Object.fromEntries(new FormData(form))")
    shopper.press("Place order")
    page.wait_for_url("**/orders/*")
    first = page.url

    again = page.request.post(f"{shopper.site}/checkout", form=form, headers={"Referer": shopper.site})

    assert again.url == first
    assert len(customer.read_all("/v1/orders")) == 1


def test_an_order_is_cancelled_and_everything_goes_back(shopper, page, new_customer, manager):
    customer = new_customer("50.00")
    shopper.log_in(customer).put_in_cart(manager.add_product("30.00")).place_order()
    expect(page.locator("#progress a")).to_be_visible()

    page.get_by_text("Cancel order", exact=True).click()
    shopper.press("Yes, cancel order")

    expect(page.locator("#headline")).to_have_text("Your order has been cancelled.")
    expect(page.locator(".step-returned")).to_have_count(3)
    assert wait_until(lambda: customer.me["credit"]["amount"] == "50.00")
    page.locator("#progress a").click()
    shopper.sees("cancelled by credit note")


def test_what_was_shipped_meanwhile_cannot_be_cancelled(shopper, page, new_customer, manager):
    customer = new_customer("50.00")
    shopper.log_in(customer).put_in_cart(manager.add_product("30.00")).place_order()
    expect(page.locator("#progress a")).to_be_visible()
    manager.ship(order_on(page, customer))

    page.get_by_text("Cancel order", exact=True).click()
    shopper.press("Yes, cancel order")

    shopper.sees("This order can no longer be cancelled.")
    expect(page.locator("#headline")).to_have_text("Your order is on its way.")


def test_orders_are_listed_newest_first_filtered_and_paged(shopper, page, new_customer, manager):
    customer = new_customer("10.00")
    cheap, dear = manager.add_product("0.50", 100), manager.add_product("99.00", 100)
    for product in (dear, *[cheap] * 10):
        customer.wait_for_end(customer.place_order({product["id"]: 1}))
    shopper.log_in(customer).go("/orders")

    assert page.locator("tbody tr").count() == 10
    page.get_by_role("link", name="Older orders").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    shopper.sees(dear["name"])
    page.get_by_role("link", name="Newest orders").click()
    page.get_by_role("navigation", name="Status").get_by_role("link", name="Rejected").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody tr th a").click()
    expect(page.locator("#headline")).to_have_text("Your order was rejected.")


def test_an_order_of_somebody_else_is_not_there(shopper, page, new_customer, manager):
    order = new_customer("50.00").place_order({manager.add_product()["id"]: 1})
    shopper.log_in(new_customer())
    page.watch.expected.add(404)

    shopper.go(f"/orders/{order['id']}")

    shopper.sees("Page not found")


def test_a_price_that_changes_during_the_checkout_is_shown_first(shopper, page, new_customer, manager):
    product = manager.add_product("10.00")
    shopper.log_in(new_customer("50.00")).put_in_cart(product).go("/checkout")
    manager.write("PATCH", f"/v1/products/{product['id']}", {"price": {"amount": "11.00", "currency": "EUR"}})

    shopper.press("Place order")

    shopper.sees("Prices have changed.")
    shopper.sees("€11.00")
    shopper.press("Place order")
    page.wait_for_url("**/orders/*")
