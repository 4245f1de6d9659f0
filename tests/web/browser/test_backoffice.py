"""What managers do at the back office, story by story, and what holds for each of its pages."""

import os
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.system.clients import some_product
from tests.web.browser.conftest import MANAGER
from tests.web.browser.watching import is_wider_than_the_window, violations

RUBBISH = "<script>alert(1)</script> `'\";-- ÄÖ 漢 " + "9" * 200


@pytest.fixture(scope="session")
def backoffice():
    return os.environ["BACKOFFICE_ADDRESS"]


@pytest.fixture
def log_in(backoffice):
    """Logs a tab in, and leaves it on the dashboard."""

    def log_in(page):
        page.goto(backoffice)
        page.get_by_label("Username").fill(MANAGER[0])
        page.get_by_label("Password").fill(MANAGER[1])
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
        return page

    return log_in


@pytest.fixture
def office(page, log_in):
    return log_in(page)


@pytest.fixture(scope="session")
def story(manager, gateway):
    """An order that was shipped, one that was taken back, and one that was refused, each of a customer of its own."""
    from tests.system.clients import Client

    name = f"shopper-{uuid4().hex[:10]}"
    Client(gateway).register(name, "correct horse battery")
    manager.set_credit(name, "500.00")
    customer = Client(gateway).log_in(name, "correct horse battery")
    product = some_product(customer)
    shipped, taken_back, refused = (customer.place_order({product["id"]: units}) for units in (1, 2, 1000))
    shipped, taken_back, refused = (customer.wait_for_end(order) for order in (shipped, taken_back, refused))
    assert manager.ship(shipped).ok
    assert customer.cancel(taken_back).ok
    customer.wait_for_end(taken_back)
    return {"customer": name, "product": product, "shipped": shipped, "taken_back": taken_back, "refused": refused}


@pytest.fixture
def pages(story):
    """The address of every page."""
    product, invoice = story["product"], story["shipped"]["invoice"]
    return [
        "/",
        "/orders",
        f"/orders?status=shipped&customer={story['customer']}&since=2020-01-01",
        "/orders?customer=a/b",
        *(f"/orders/{story[name]['id']}" for name in ("shipped", "taken_back", "refused")),
        "/products",
        "/products?q=nothing-is-called-like-that",
        "/products/new",
        f"/products/{product['id']}",
        f"/products/{product['id']}/withdrawal",
        "/categories",
        f"/categories/{product['category']['id']}",
        "/customers",
        f"/customers/{story['customer']}",
        "/invoices",
        f"/invoices/{invoice}",
        "/revenue",
        "/history",
        f"/history/customer-{story['customer']}?version=2",
        f"/history/order-{story['taken_back']['id']}",
        f"/history/credential-{story['customer']}",
        "/audit",
        "/dead-letters",
    ]


# Stories


def test_a_manager_logs_in_and_out(office):
    office.get_by_role("button", name="Log out").click()

    expect(office.get_by_role("status")).to_have_text("You are logged out.")
    assert office.get_by_role("navigation", name="Main").count() == 0


def test_a_customer_is_sent_away(page, backoffice, story):
    page.watch.expected.add(422)
    page.goto(f"{backoffice}/orders")
    page.get_by_label("Username").fill(story["customer"])
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("alert")).to_contain_text("for managers only")


def test_a_product_is_added_edited_restocked_and_withdrawn(office, manager):
    name = f"Lamp {uuid4().hex[:6]}"
    office.get_by_role("link", name="Products", exact=True).click()
    office.get_by_role("link", name="Add a product").click()
    office.get_by_label("Name").fill(name)
    office.get_by_label("Description").fill("Warm light.")
    office.get_by_label("Supplier").fill("Glowworm")
    office.get_by_label("Category").select_option(index=1)
    office.get_by_label("Price").fill("49,90")
    office.get_by_label("Units in stock").fill("3")
    office.get_by_role("button", name="Put it on sale").click()
    expect(office.get_by_role("status")).to_have_text(f"{name} is on sale now.")
    product_id = urlsplit(office.url).path.rpartition("/")[2]
    added = manager.product(product_id)

    office.get_by_label("Price").fill("39.00")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_role("status")).to_have_text("The product is saved.")
    edited = manager.product(product_id)

    office.get_by_label("Units to add").fill("7")
    office.get_by_label("Reason").fill("delivery")
    office.get_by_role("button", name="Change the stock").click()
    expect(office.get_by_role("status")).to_have_text("There are 10 units in stock now.")

    office.get_by_role("link", name="Withdraw it from sale").click()
    office.get_by_role("button", name="Withdraw it").click()
    expect(office.get_by_role("status")).to_have_text(f"{name} is not on sale any more.")

    assert [(one["price"]["amount"], one["units_in_stock"]) for one in (added, edited)] == [("49.90", 3), ("39.00", 3)]
    assert (added["name"], added["supplier"], added["description"]) == (name, "Glowworm", "Warm light.")
    assert manager.request("GET", f"/v1/products/{product_id}").status_code == 404


def test_a_category_comes_gets_another_name_and_goes(office, manager):
    name = f"Category {uuid4().hex[:6]}"
    office.get_by_role("link", name="Categories").click()
    office.get_by_label("Name").fill(name)
    office.get_by_role("button", name="Add it").click()
    office.get_by_role("link", name=f"Edit {name}").click()
    office.get_by_label("Name").fill(f"{name} B")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_role("status")).to_have_text(f"The category is called {name} B now.")
    office.get_by_role("link", name=f"Edit {name} B").click()
    office.get_by_role("button", name="Remove the category").click()

    expect(office.get_by_role("status")).to_have_text("The category is removed.")
    assert name not in [category["name"] for category in manager.read_all("/v1/categories")]


def test_credit_is_set_for_a_reason_and_the_past_shows_it(office, new_customer):
    customer = new_customer()
    office.get_by_role("link", name="Customers", exact=True).click()
    office.get_by_label("Username, name or e-mail").fill(customer.username)
    office.get_by_role("button", name="Show").click()
    office.get_by_role("link", name=customer.username).click()
    office.get_by_label("Available credit").fill("12.34")
    office.get_by_label("Reason").fill("for a test")
    office.get_by_role("button", name="Set it").click()
    expect(office.get_by_role("status")).to_have_text(f"{customer.username} can spend €12.34 now.")
    office.get_by_role("link", name="Time travel: how it was before").click()

    expect(office.locator("tr.is-changed", has_text="credit")).to_contain_text("€100.00 €12.34")
    assert customer.me["credit"]["amount"] == "12.34"


def test_an_order_is_found_followed_and_shipped(office, new_customer):
    customer = new_customer(credit="500.00")
    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))
    office.get_by_role("link", name="Orders", exact=True).click()
    office.get_by_label("Customer").fill(customer.username)
    office.get_by_label("Status").select_option("Approved")
    office.get_by_role("button", name="Show").click()
    office.get_by_role("row").nth(1).get_by_role("link").first.click()

    events = office.locator(".moment-event").all_inner_texts()
    office.get_by_role("button", name="Ship it").click()

    expect(office.get_by_role("status")).to_have_text("The order is on its way.")
    assert set(events) == {
        "OrderPlaced", "StockReserved", "UnitsReserved", "CreditReserved", "OrderApproved", "InvoiceIssued"
    }  # fmt: skip
    assert customer.order(order)["status"] == "shipped"
    assert office.get_by_role("button", name="Cancel the order").count() == 0


def test_an_order_is_cancelled_and_what_it_held_goes_back(office, new_customer, backoffice):
    customer = new_customer(credit="500.00")
    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))
    office.goto(f"{backoffice}/orders/{order['id']}")
    office.get_by_role("button", name="Cancel the order").click()
    expect(office.get_by_role("status")).to_have_text("The order is cancelled. What it held goes back.")

    assert customer.wait_for_end(order)["status"] == "cancelled"
    assert customer.me["credit"]["amount"] == "500.00"


def test_the_data_of_an_event_come_on_request_and_lead_into_the_past(office, story, backoffice):
    office.goto(f"{backoffice}/orders/{story['shipped']['id']}")
    moment = office.locator(".timeline li", has_text="CreditReserved")
    expect(moment.locator("pre")).to_be_hidden()
    moment.locator("summary").click()
    expect(moment.locator("pre")).to_contain_text('"username"')
    moment.get_by_role("link", name=f"customer-{story['customer']}").click()

    expect(office.get_by_role("heading", level=1)).to_have_text(f"customer-{story['customer']}")
    expect(office.locator(".events .is-here")).to_contain_text("CreditReserved")


def test_the_slider_travels_through_time(office, story, backoffice):
    office.goto(f"{backoffice}/history/order-{story['taken_back']['id']}")
    slider = office.get_by_role("slider")
    expect(slider).to_have_value("3")
    slider.focus()
    office.keyboard.press("Home")

    office.wait_for_url("**version=1")
    expect(office.locator(".slider label")).to_have_text("Version 1 of 3")
    expect(office.locator("tr.is-changed", has_text="status")).to_contain_text("placed")


def test_revenue_invoices_and_their_tables(office, story, backoffice):
    office.get_by_role("link", name="Invoices", exact=True).click()
    with office.expect_download() as saving:
        office.get_by_role("link", name="Save as CSV").click()
    table = saving.value.path().read_text()
    office.get_by_role("link", name=story["shipped"]["invoice"], exact=True).click()
    with office.expect_download() as saving_pdf:
        office.get_by_role("link", name="Download as PDF").click()

    assert f"{story['shipped']['invoice']}," in table
    assert saving_pdf.value.path().read_bytes().startswith(b"%PDF")
    office.get_by_role("link", name="Revenue", exact=True).click()
    expect(office.get_by_role("img")).to_be_visible()


def test_the_books_are_right(office):
    office.get_by_role("link", name="Audit").click()

    expect(office.get_by_text("The books are right.")).to_be_visible()
    assert office.get_by_text("right", exact=True).count() == office.locator("tbody tr").count() == 12


# What holds for every page


@pytest.mark.parametrize("look", [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")])
def test_every_page_is_accessible_and_fits(open_page, log_in, backoffice, pages, look):
    width, scheme = look
    page = log_in(open_page(width=width, color_scheme=scheme))

    found = []
    for path in pages:
        page.goto(backoffice + path)
        found += violations(page)
        found += [wide] if (wide := is_wider_than_the_window(page)) else []

    assert found == []


def test_everything_can_be_done_without_javascript(open_page, backoffice, manager, story, new_customer):
    page = open_page(java_script_enabled=False)
    customer = new_customer(credit="500.00")
    order = customer.wait_for_end(customer.place_order({story["product"]["id"]: 1}))
    page.goto(f"{backoffice}/orders/{order['id']}")
    page.fill("#username", MANAGER[0])
    page.fill("#password", MANAGER[1])
    page.click("main button[type=submit]")
    page.click("text=Ship it")
    page.click("text=Time travel >> nth=1")
    page.click("text=First")

    assert "Version 1 of 3" in page.inner_text(".slider label")
    assert customer.order(order)["status"] == "shipped"
    page.goto(f"{backoffice}/products/{story['product']['id']}")
    page.fill("#delta", "1")
    page.fill("#reason", "found one")
    page.click("text=Change the stock")
    assert "in stock now" in page.inner_text("[role=status]")


def test_every_link_leads_somewhere(office, backoffice, pages):
    """The watch of the tab complains about every answer that is an error."""
    seen, broken = set(), []
    for path in pages:
        office.goto(backoffice + path)
        for link in office.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
            address = urljoin(office.url, link).partition("#")[0]
            pattern = (urlsplit(address).path.rpartition("/")[0], sorted(urlsplit(address).query.split("=")[:1]))
            if urlsplit(address).netloc == urlsplit(backoffice).netloc and address not in seen:
                seen.add(address)
                answer = office.request.get(address)
                broken += [] if answer.ok else [f"{path} -> {address}: {answer.status} {pattern}"]

    assert broken == []
    assert len(seen) > 50


def test_every_form_takes_nothing_and_rubbish(office, backoffice, pages):
    """Sent without what is needed, and with what makes no sense, a form comes back and says so."""
    office.watch.expected |= {422, 400, 404, 409}
    forms = 0
    for path in pages:
        office.goto(backoffice + path)
        for index in range(office.locator("main form").count()):
            for value in ("", RUBBISH):
                office.goto(backoffice + path)
                form = office.locator("main form").nth(index)
                if form.locator("button.button-danger, [data-slider], input[type=range]").count():
                    break  # these ask for nothing that could be wrong
                for field in form.locator("input[type=text], input[type=search], textarea").all():
                    field.evaluate("field => { field.removeAttribute('maxlength'); field.required = false }")
                    field.fill(value)
                form.locator("button").first.click()
                office.wait_for_load_state()
                forms += 1
                assert office.get_by_role("heading", level=1).count() == 1, f"{path}: form {index} with {value[:10]!r}"
                assert "Something broke" not in office.inner_text("main"), f"{path}: form {index} with {value[:10]!r}"

    assert forms > 20


def test_the_keyboard_reaches_everything(office, backoffice):
    office.goto(backoffice)
    office.keyboard.press("Tab")

    assert office.evaluate("document.activeElement.className") == "skip-link"
    office.keyboard.press("Enter")
    assert office.evaluate("document.activeElement.id") == "main"


def test_it_speaks_german_too(office):
    office.get_by_role("button", name="Deutsch").click()

    expect(office.locator("html")).to_have_attribute("lang", "de")
