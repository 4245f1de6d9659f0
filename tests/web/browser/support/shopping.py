"""The actions of customers at the storefront, as tests name them."""

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

from tests.system.support.clients import Client
from tests.web.browser.conftest import PASSWORD


class Shopper:
    """A customer at the storefront with a browser."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site

    def go(self, path: str = "/") -> "Shopper":
        self.page.goto(self.site + path)
        return self

    def log_in(self, customer: Client) -> "Shopper":
        """Log in as somebody whom `new_customer` made."""
        self.go("/login")
        self.page.locator("#username").fill(customer.username)
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("main form button").click()
        expect(self.page.locator(".notice-success")).to_contain_text(customer.username)
        return self

    def log_out(self) -> None:
        """Returns when the site has said so: going elsewhere before that takes the request back."""
        self.press("Log out")
        expect(self.page.get_by_role("status")).to_have_text("You have been logged out.")

    def put_in_cart(self, product: Mapping[str, Any], quantity: int = 1) -> "Shopper":
        self.go(f"/products/{product['id']}")
        self.page.locator("#quantity").fill(str(quantity))
        self.page.locator("form.add button").click()
        return self

    def place_order(self) -> "Shopper":
        """Order what is in the cart; ends on the order's page."""
        self.go("/checkout")
        self.page.locator("main form button").last.click()
        self.page.wait_for_url("**/orders/*")
        return self

    def press(self, name: str, within: str = "body") -> None:
        self.page.locator(within).get_by_role("button", name=name, exact=True).click()

    def sees(self, text: str) -> None:
        """Waits until it is on the page."""
        expect(self.page.locator("main")).to_contain_text(text)

    @property
    def lights(self) -> list[str]:
        """How each step of an order stands."""
        classes = [light.get_attribute("class") or "" for light in self.page.locator(".step").all()]
        return [name.rpartition("step-")[2] for name in classes]
