"""Every page for everybody: with any device, any eyes, any hands, without scripts, and when things go wrong."""

import os
import re
import subprocess
import sys
from urllib.parse import urljoin, urlsplit, urlunsplit

import pytest
from playwright.sync_api import expect

from tests.web.browser.conftest import PASSWORD, register
from tests.web.browser.support.shopping import Shopper
from tests.web.browser.support.watching import (
    by_day_and_night,
    forms_on,
    is_wider_than_the_window,
    misfits,
    pages_not_in,
    send,
    violations,
)
from tests.web.support.visiting import storefront as site
from tools.chaos.ports import free_ports

RUBBISH = "<script>alert(1)</script> \N{SNOWMAN} " + "x" * 300


@pytest.fixture(scope="module")
def customer(gateway, manager):
    """A customer with orders of each kind, and an address."""
    customer = register(gateway, manager, "500.00")
    address = {"street": "14 Harbour Street", "postcode": "411 05", "city": "Gothenburg", "country": "SE"}
    customer.write("PATCH", "/v1/customers/me", {"address": address})
    product = manager.add_product("12.00", 5, name="Everyday Jug")
    customer.good = customer.wait_for_end(customer.place_order({product["id"]: 2}))
    customer.gone = customer.wait_for_end(customer.place_order({product["id"]: 1}))
    assert customer.cancel(customer.gone).ok
    customer.wait_for_end(customer.gone)
    customer.bad = customer.wait_for_end(customer.place_order({product["id"]: 900}))
    customer.product = product
    return customer


def pages_of(customer):
    """An address of each kind of page."""
    return [
        *(
            "/",
            "/products",
            "/products?q=nothing-like-that",
            f"/products/{customer.product['id']}",
            "/cart",
            "/checkout",
        ),
        *("/orders", f"/orders/{customer.good['id']}", f"/orders/{customer.bad['id']}", "/orders?status=cancelled"),
        *(f"/orders/{customer.gone['id']}", f"/invoices/{customer.gone['invoice']}"),
        *(f"/invoices/{customer.good['invoice']}", "/profile", "/nothing-here"),
    ]


def test_every_kind_of_page_is_looked_at(customer):
    parts_and_papers = {"orders.show_progress", "invoices.show_pdf"}

    assert pages_not_in([*pages_of(customer)[:-1], "/login", "/register"], site()) == parts_and_papers


def test_axe_finds_nothing_wrong(page, storefront, customer):
    page.watch.expected |= {404, 422}
    shopper = Shopper(page, storefront)
    found = []
    for path in ("/", "/login", "/register", "/cart"):
        found += by_day_and_night(shopper.go(path).page)
    for path in ("/login", "/register"):
        shopper.go(path)
        page.locator("main form button").click()
        page.wait_for_load_state()
        found += by_day_and_night(page)

    shopper.log_in(customer).put_in_cart(customer.product, 4)
    found += by_day_and_night(page)
    for path in pages_of(customer):
        found += by_day_and_night(shopper.go(path).page)

    assert found == []


@pytest.mark.parametrize(("locale", "widths"), [("en-GB", (320, 390, 1280)), ("de-DE", (320, 768))])
def test_no_page_scrolls_sideways_or_breaks_words(open_page, storefront, customer, locale, widths):
    page = open_page(height=700, locale=locale)
    page.watch.expected |= {404, 422}
    shopper = Shopper(page, storefront)
    found = [trouble for path in ("/login", "/register") for trouble in misfits(shopper.go(path).page, widths)]
    shopper.log_in(customer).put_in_cart(customer.product, 4)

    found += [trouble for path in pages_of(customer) for trouble in misfits(shopper.go(path).page, widths)]

    assert found == []


def test_long_words_break_instead_of_making_a_page_wide(open_page, storefront, manager, new_customer):
    product = manager.add_product(name="W" * 120, description="x" * 500, supplier="S" * 120)
    page = open_page(width=320)
    shopper = Shopper(page, storefront).log_in(new_customer("100.00")).put_in_cart(product)

    for path in ("/", f"/products/{product['id']}", "/products?sort=-added", "/cart", "/checkout"):
        assert is_wider_than_the_window(shopper.go(path).page) == ""


def test_the_whole_way_without_scripts(open_page, storefront, new_customer, manager):
    customer = new_customer("100.00")
    manager.add_product("10.00", name="Scriptless Kettle")
    page = open_page(java_script_enabled=False)
    shopper = Shopper(page, storefront)

    shopper.go()
    page.get_by_role("searchbox").fill("Scriptless")
    shopper.press("Search")
    page.get_by_label("In stock only").check()
    shopper.press("Apply")
    page.get_by_role("link", name="Scriptless Kettle").first.click()
    page.get_by_label("Quantity").fill("2")
    shopper.press("Add to cart")
    page.get_by_role("link", name="View cart").click()
    shopper.press("Go to checkout")
    page.get_by_label("Username").fill(customer.username)
    page.get_by_label("Password").fill(PASSWORD)
    shopper.press("Log in", within="main")
    shopper.press("Place order")
    expect(page.locator("#progress a")).to_be_visible()  # the page loads itself again

    assert shopper.lights == ["done", "done", "done", "done", "done", "waiting"]
    page.get_by_text("Cancel order", exact=True).click()
    shopper.press("Yes, cancel order")
    shopper.sees("Your order has been cancelled.")
    assert len(manager.read("/v1/orders", customer=customer.username)["items"]) == 1


def test_without_scripts_the_catalogue_has_pages(open_page, storefront):
    page = open_page(java_script_enabled=False)
    Shopper(page, storefront).go("/products")
    first = page.locator(".tile-name").first.inner_text()

    page.get_by_role("link", name="Show more").click()

    assert page.locator(".tile-name").first.inner_text() != first
    page.get_by_role("link", name="Back to first page").click()
    assert page.locator(".tile-name").first.inner_text() == first


def test_an_order_is_placed_with_the_keyboard_alone(page, storefront, customer, manager):
    shopper = Shopper(page, storefront).log_in(customer)
    shopper.go(f"/products/{manager.add_product('1.00')['id']}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    tab_to(page, "#quantity")
    page.keyboard.press("Enter")
    expect(page.locator(".notice-success")).to_be_visible()
    shopper.go("/checkout")
    tab_to(page, "button:has-text('Place order')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*")
    expect(page.locator("#progress a")).to_be_visible()
    tab_to(page, "main summary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, cancel order")).to_be_visible()


def tab_to(page, selector):
    """Press Tab until the element has the focus, which must be visible."""
    for _ in range(60):
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"nobody sees that {selector} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_every_link_leads_somewhere(page, storefront, customer):
    shopper = Shopper(page, storefront).log_in(customer).put_in_cart(customer.product)
    seen, coming, broken = set(), [storefront + path for path in pages_of(customer)[:-1]], []

    while coming:
        url = coming.pop()
        if kind_of(url) in seen:
            continue
        seen.add(kind_of(url))
        answer = page.request.get(url)
        if answer.status >= 400:
            broken.append(f"{answer.status} {url}")
        if "text/html" in answer.headers["content-type"]:
            links = re.findall(r'(?:href|src|hx-get)="([^"]+)"', answer.text())
            coming += [there for link in links if (there := absolute(url, link)).startswith(storefront)]

    assert broken == []
    assert len(seen) > 30
    assert shopper.go("/cart").page.locator(".cart-line").count() == 1, "no link changes anything"


def absolute(page_url, link):
    parts = urlsplit(urljoin(page_url, link.replace("&amp;", "&")))
    return urlunsplit(parts._replace(fragment=""))


def kind_of(url):
    """Pages that differ only in a cursor or in what they show are one kind."""
    parts = urlsplit(url)
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8}(?=\.svg)", "<id>", parts.path)
    return path, re.sub(r"(?:after|seen|category)=[^&]*", "", parts.query)


def test_no_form_breaks_on_nothing_or_rubbish(page, storefront, customer):
    shopper = Shopper(page, storefront).log_in(customer).put_in_cart(customer.product)
    page.watch.expected |= {401, 404, 422}
    broken, tried = [], 0
    for path in ("/", "/cart", "/checkout", f"/products/{customer.product['id']}", "/profile"):
        for form in forms_on(shopper.go(path).page):
            if form["action"].endswith(("/logout", "/checkout")):
                continue
            for value in ("", RUBBISH, "-1", "\N{ZERO WIDTH SPACE}"):
                answer = send(page, form, value)
                tried += 1
                if answer.status >= 500 or "Traceback" in answer.text():
                    broken.append(f"{answer.status} {form['action']} with {value[:10]!r}")

    assert broken == []
    assert tried > 20


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_forms_for_visitors_take_nothing_and_rubbish_with_a_word_at_each_field(page, storefront, path):
    page.watch.expected |= {401, 422, 429}
    shopper = Shopper(page, storefront)
    for value in ("", RUBBISH):
        shopper.go(path)
        for field in page.locator("main input:visible").all():
            field.fill(value)
        page.locator("main form button").click()

        expect(page.get_by_role("alert")).to_be_visible()
        assert page.locator("script").count() == 2, "what was typed is text"


# When things go wrong


@pytest.fixture
def lonely_storefront(tmp_path, gateway):
    """A storefront whose gateway is away."""
    port, nobody = free_ports(2)
    given = {
        "STOREFRONT_ADDRESS": f"127.0.0.1:{port}",
        "GATEWAY_ADDRESS": f"127.0.0.1:{nobody}",
        "SHOP_DATA": str(tmp_path),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "storefront_web"], env=os.environ | given, stdout=subprocess.PIPE
    ) as site:
        assert site.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        site.terminate()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_shop_that_does_not_answer_is_explained(open_page, lonely_storefront, scheme):
    page = open_page(color_scheme=scheme, width=320)
    page.watch.expected.add(503)

    Shopper(page, lonely_storefront).go("/products").sees("Temporarily unavailable")

    assert violations(page) == []
    assert is_wider_than_the_window(page) == ""


def test_a_form_from_another_time_is_explained(page, storefront, customer):
    page.watch.expected.add(400)
    shopper = Shopper(page, storefront).log_in(customer).go("/profile")
    page.locator("main input[name=csrf_token]").first.evaluate("input => { input.value = 'old' }")

    shopper.press("Save")

    shopper.sees("submit the form again")
    assert violations(page) == []
