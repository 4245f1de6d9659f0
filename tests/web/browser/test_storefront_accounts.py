"""Becoming a customer, and looking after the account."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.web.browser.conftest import PASSWORD
from tests.web.browser.support.shopping import Shopper


@pytest.fixture
def shopper(page, storefront):
    return Shopper(page, storefront)


def test_somebody_becomes_a_customer_and_has_credit(shopper, page):
    name = f"new-{uuid4().hex[:10]}"
    shopper.go("/register")

    page.get_by_label("Name", exact=True).fill("Robin Tester")
    page.get_by_label("Email").fill("robin@shop.example")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    shopper.press("Create account", within="main")

    shopper.sees("Welcome, Robin Tester!")
    page.get_by_role("link", name=name).click()
    shopper.sees("€100.00")


def test_errors_stand_next_to_their_fields_and_what_was_typed_stays(shopper, page, new_customer):
    taken = new_customer().username
    page.watch.expected.add(422)
    shopper.go("/register")

    page.get_by_label("Name", exact=True).fill("Robin Tester")
    page.get_by_label("Email").fill("no address")
    page.get_by_label("Username").fill("a b")
    page.get_by_label("Password").fill("short")
    shopper.press("Create account", within="main")

    expect(page.locator("#password-errors")).to_have_text("Use at least 8 characters.")
    assert page.get_by_label("Name", exact=True).input_value() == "Robin Tester"
    assert page.get_by_label("Password").input_value() == ""

    page.get_by_label("Password").fill(PASSWORD)
    shopper.press("Create account", within="main")
    expect(page.locator("#email-errors")).to_have_text("Enter a valid email address.")
    expect(page.locator("#username-errors")).to_contain_text("3 to 32 characters")

    page.get_by_label("Email").fill("robin@shop.example")
    page.get_by_label("Username").fill(taken)
    page.get_by_label("Password").fill(PASSWORD)
    shopper.press("Create account", within="main")
    expect(page.locator("#username-errors")).to_have_text("This username is already taken.")
    assert page.get_by_label("Username").get_attribute("aria-invalid") == "true"


def test_a_customer_edits_name_email_and_address(shopper, page, new_customer):
    customer = new_customer()
    shopper.log_in(customer).go("/profile")

    page.get_by_label("Name", exact=True).fill("Robin T. Ester")
    page.get_by_label("Email").fill("ester@shop.example")
    shopper.press("Save")
    shopper.sees("Profile saved.")

    page.get_by_label("Street address").fill("14 Harbour Street")
    page.get_by_label("Postcode").fill("411 05")
    page.get_by_label("City").fill("Gothenburg")
    page.get_by_label("Country").select_option(label="Sweden")
    shopper.press("Save address")
    shopper.sees("Address saved.")

    me = customer.me
    assert (me["full_name"], me["email"]) == ("Robin T. Ester", "ester@shop.example")
    assert me["address"] == {
        "street": "14 Harbour Street",
        "postcode": "411 05",
        "city": "Gothenburg",
        "country": "SE",
    }
    shopper.press("Remove address")
    shopper.sees("Address removed.")
    assert customer.me["address"] is None


def test_a_customer_changes_the_password(shopper, page, new_customer):
    customer = new_customer()
    page.watch.expected |= {401, 422}
    shopper.log_in(customer).go("/profile")

    page.get_by_label("Current password").fill("not my password")
    page.get_by_label("New password").fill("battery staple 2")
    shopper.press("Change password")
    expect(page.locator("#current_password-errors")).to_have_text("Current password is incorrect.")

    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("battery staple 2")
    shopper.press("Change password")
    shopper.sees("Password changed.")

    shopper.log_out()
    shopper.go("/login")
    page.get_by_label("Username").fill(customer.username)
    page.get_by_label("Password").fill("battery staple 2")
    shopper.press("Log in", within="main")
    shopper.sees(f"Welcome, {customer.username}.")


def test_the_profile_shows_available_held_and_spent_credit(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    customer.wait_for_end(customer.place_order({manager.add_product("30.00")["id"]: 1}))

    shopper.log_in(customer).go("/profile")

    assert [part.inner_text() for part in page.locator(".credit dd").all()] == ["€70.00", "€0.00", "€30.00"]


def test_a_log_in_that_ended_elsewhere_asks_for_another_and_keeps_the_cart(shopper, page, new_customer, manager):
    customer = new_customer("100.00")
    shopper.log_in(customer).put_in_cart(manager.add_product(), 2)
    passwords = {"current_password": PASSWORD, "new_password": "battery staple 3"}
    customer.write("PUT", "/v1/customers/me/password", passwords)  # ends all other sessions

    shopper.go("/orders")

    shopper.sees("Your session has expired. Please log in again.")
    assert page.locator(".count").inner_text().startswith("2")
    page.get_by_label("Username").fill(customer.username)
    page.get_by_label("Password").fill("battery staple 3")
    shopper.press("Log in", within="main")
    expect(page.get_by_role("heading", level=1)).to_have_text("My orders")


def test_after_logging_out_going_back_shows_nothing_private(shopper, page, new_customer):
    shopper.log_in(new_customer()).go("/profile")

    shopper.log_out()
    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_no_script_can_read_the_session(shopper, page, new_customer):
    customer = new_customer()
    shopper.log_in(customer)

    cookie = next(one for one in page.context.cookies() if one["name"] == "storefront_session")

    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert "session" not in page.evaluate("document.cookie")


def test_a_manager_is_told_where_to_go(shopper, page):
    page.watch.expected.add(422)
    shopper.go("/login")

    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill("manager-demo")
    shopper.press("Log in", within="main")

    shopper.sees("Use the back office")
