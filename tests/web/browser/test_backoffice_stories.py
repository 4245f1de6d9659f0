"""The work of managers at the back office, story by story."""

from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import expect

from tests.system.support.clients import some_product
from tests.web.browser.conftest import MANAGER, PASSWORD

pytest_plugins = ["tests.web.browser.support.office"]


def test_a_manager_logs_in_and_out(page, log_in_by_hand):
    log_in_by_hand(page)
    page.get_by_role("button", name="Log out").click()

    expect(page.get_by_role("status")).to_have_text("You have been logged out.")
    assert page.get_by_role("navigation", name="Main navigation").count() == 0


def test_a_customer_is_sent_away(page, backoffice, story):
    page.watch.expected.add(422)
    page.goto(f"{backoffice}/orders")
    page.get_by_label("Username").fill(story["customer"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("alert")).to_contain_text("requires a manager account")


def test_a_product_is_added_edited_restocked_and_withdrawn(office, manager):
    name = f"Lamp {uuid4().hex[:6]}"
    office.get_by_role("link", name="Products", exact=True).click()
    office.get_by_role("link", name="Add product").click()
    office.get_by_label("Name").fill(name)
    office.get_by_label("Description").fill("Warm light.")
    office.get_by_label("Supplier").fill("Glowworm")
    office.get_by_label("Category").select_option(index=1)
    office.get_by_label("Price").fill("49,90")
    office.get_by_label("Units in stock").fill("3")
    office.get_by_role("button", name="Add product").click()
    expect(office.get_by_role("status")).to_have_text(f"{name} has been added to the catalogue.")
    product_id = urlsplit(office.url).path.rpartition("/")[2]
    added = manager.product(product_id)

    office.get_by_label("Price").fill("39.00")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_role("status")).to_have_text("Product saved.")
    edited = manager.product(product_id)

    office.get_by_label("Stock adjustment").fill("7")
    office.get_by_label("Reason").fill("delivery")
    office.get_by_role("button", name="Adjust stock").click()
    expect(office.get_by_role("status")).to_have_text("Stock updated: 10 units.")

    office.get_by_role("link", name="Discontinue product").click()
    office.get_by_role("button", name="Discontinue product").click()
    expect(office.get_by_role("status")).to_have_text(f"{name} has been discontinued.")

    assert [(one["price"]["amount"], one["units_in_stock"]) for one in (added, edited)] == [("49.90", 3), ("39.00", 3)]
    assert (added["name"], added["supplier"], added["description"]) == (name, "Glowworm", "Warm light.")
    assert manager.request("GET", f"/v1/products/{product_id}").status_code == 404


def test_a_category_comes_gets_another_name_and_goes(office, manager):
    name = f"Category {uuid4().hex[:6]}"
    office.get_by_role("link", name="Categories").click()
    office.get_by_label("Name").fill(name)
    office.get_by_role("button", name="Add category").click()
    office.get_by_role("link", name=f"Edit {name}").click()
    office.get_by_label("Name").fill(f"{name} B")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_role("status")).to_have_text(f"Category renamed to {name} B.")
    office.get_by_role("link", name=f"Edit {name} B").click()
    office.get_by_role("link", name="Delete category").click()
    office.get_by_role("button", name="Delete category").click()

    expect(office.get_by_role("status")).to_have_text("Category deleted.")
    assert name not in [category["name"] for category in manager.read_all("/v1/categories")]


def test_credit_is_set_for_a_reason_and_the_past_shows_it(office, new_customer):
    customer = new_customer()
    office.get_by_role("link", name="Customers", exact=True).click()
    office.get_by_label("Username, name or email").fill(customer.username)
    office.get_by_role("button", name="Search").click()
    office.get_by_role("link", name=customer.username).click()
    setting = office.get_by_role("region", name="Set available credit")
    setting.get_by_label("Available credit").fill("12.34")
    setting.get_by_label("Reason").fill("for a test")
    setting.get_by_role("button", name="Save credit").click()
    expect(office.get_by_role("status")).to_have_text(f"Available credit of {customer.username} is now €12.34.")
    office.get_by_role("link", name="View change history").click()

    expect(office.locator("tr.is-changed", has_text="credit")).to_contain_text("€100.00 €12.34")
    assert customer.me["credit"]["amount"] == "12.34"


def test_an_order_is_found_followed_and_shipped(office, new_customer):
    customer = new_customer(credit="500.00")
    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))
    office.get_by_role("link", name="Orders", exact=True).click()
    office.get_by_label("Customer").fill(customer.username)
    office.get_by_label("Status").select_option("Approved")
    office.get_by_role("button", name="Filter").click()
    office.get_by_role("row").nth(1).get_by_role("link").first.click()

    events = office.locator(".moment-event").all_inner_texts()
    expect(office.locator(".lane-products", has_text="UnitsReserved").locator(".moment-what")).to_contain_text(
        "1 \N{MULTIPLICATION SIGN}"
    )
    office.get_by_role("link", name="Ship order").click()
    assert customer.order(order)["status"] == "approved"
    office.get_by_role("button", name="Ship order").click()

    expect(office.get_by_role("status")).to_have_text("Order marked as shipped.")
    assert set(events) == {
        "OrderPlaced", "StockReserved", "UnitsReserved", "CreditReserved", "OrderApproved", "InvoiceIssued"
    }  # fmt: skip
    assert customer.order(order)["status"] == "shipped"
    assert office.get_by_role("link", name="Cancel order").count() == 0


def test_an_order_is_cancelled_and_what_it_held_goes_back(office, new_customer, backoffice):
    customer = new_customer(credit="500.00")
    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))
    office.goto(f"{backoffice}/orders/{order['id']}")
    office.get_by_role("link", name="Cancel order").click()
    office.get_by_role("button", name="Cancel order").click()
    expect(office.get_by_role("status")).to_have_text("Order cancelled. Reserved stock and credit will be released.")

    assert customer.wait_for_end(order)["status"] == "cancelled"
    assert customer.me["credit"]["amount"] == "500.00"


def test_the_data_of_an_event_come_on_request_and_lead_into_the_past(office, story, backoffice):
    office.goto(f"{backoffice}/orders/{story['shipped']['id']}")
    moment = office.locator(".timeline .lane-customers", has_text="CreditReserved")
    expect(moment.locator("pre")).to_be_hidden()
    moment.locator("summary").click()
    expect(moment.locator("pre")).to_contain_text('"username"')
    moment.get_by_role("link", name=f"customer-{story['customer']}").click()

    expect(office.get_by_role("heading", level=1)).to_have_text(f"Customer: {story['customer']}")
    expect(office.locator(".events .is-here")).to_contain_text("CreditReserved")


def test_the_slider_travels_through_time(office, story, backoffice):
    office.goto(f"{backoffice}/history/order-{story['taken_back']['id']}")
    slider = office.get_by_role("slider")
    expect(slider).to_have_value("3")
    slider.focus()
    office.keyboard.press("Home")

    office.wait_for_url("**version=1")
    expect(office.locator(".slider label")).to_have_text("Version 1 of 3")
    expect(office.locator("tr.is-changed", has_text="Status")).to_contain_text("Placed")


def test_revenue_invoices_and_their_tables(office, story, backoffice):
    office.get_by_role("link", name="Invoices", exact=True).click()
    with office.expect_download() as saving:
        office.get_by_role("link", name="Export CSV").click()
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

    expect(office.get_by_text("All checks passed.")).to_be_visible()
    assert office.get_by_text("Passed", exact=True).count() == office.locator("tbody tr").count() == 12


def test_the_menu_of_a_phone_needs_no_javascript(open_page, log_in):
    page = log_in(open_page(java_script_enabled=False, width=390))
    expect(page.get_by_role("link", name="Audit")).to_be_hidden()
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Audit").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")


def test_everything_can_be_done_without_javascript(open_page, backoffice, manager, story, new_customer):
    page = open_page(java_script_enabled=False)
    customer = new_customer(credit="500.00")
    order = customer.wait_for_end(customer.place_order({story["product"]["id"]: 1}))
    page.goto(f"{backoffice}/orders/{order['id']}")
    page.fill("#username", MANAGER[0])
    page.fill("#password", MANAGER[1])
    page.click("main button[type=submit]")
    page.click("text=Ship order")
    page.click("button:has-text('Ship order')")
    page.click("text=View change history")
    page.click("text=First")

    assert "Version 1 of 3" in page.inner_text(".slider label")
    assert customer.order(order)["status"] == "shipped"
    page.goto(f"{backoffice}/products/{story['product']['id']}")
    page.fill("#delta", "1")
    page.fill("#reason", "found one")
    page.click("text=Adjust stock")
    assert "Stock updated" in page.inner_text("[role=status]")
