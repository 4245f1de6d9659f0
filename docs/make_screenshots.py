"""Makes the pictures of the websites in docs/pictures: `.venv/bin/python docs/make_screenshots.py`.

It starts a demo shop of its own on free ports, does what customers and managers do, and takes pictures on the way. It
needs Chromium.
"""

import sys
import tempfile
import warnings
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

from tests.system.support.in_one_process import InOneProcess
from tests.web.browser.support.watching import FLAGS

PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
DESKTOP, PHONE = ViewportSize(width=1200, height=780), ViewportSize(width=390, height=780)
COLOURS = 256


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shop = InOneProcess(Path(folder) / "var")
        shop.start()
        try:
            take_storefront(browser, f"http://{shop.websites['STOREFRONT_ADDRESS']}")
            take_backoffice(browser, f"http://{shop.websites['BACKOFFICE_ADDRESS']}")
        finally:
            shop.stop()
            browser.close()


def take_storefront(browser: Browser, site: str) -> None:
    page = open_page(browser, DESKTOP)
    page.set_viewport_size(ViewportSize(width=1200, height=1080))
    page.goto(site)
    take(page, "storefront-home")
    page.set_viewport_size(DESKTOP)
    for name, quantity in (("Moth Table Lamp", 1), ("Saltmarsh Stoneware Bowl", 2), ("Wildflower Seeds for Bees", 3)):
        put_in_cart(page, site, name, quantity)
    log_in(page, site, "alice", "customer-demo")
    page.goto(f"{site}/checkout")
    take(page, "storefront-checkout")
    page.get_by_role("button", name="Place order").click()
    page.wait_for_url("**/orders/*")
    expect(page.locator("#progress a")).to_be_visible()
    take(page, "storefront-order")

    phone = open_page(browser, PHONE, dark=True)
    phone.goto(f"{site}/products?q=lamp")
    phone.locator(".tile-link").first.click()
    take(phone, "storefront-phone")


def take_backoffice(browser: Browser, site: str) -> None:
    page = open_page(browser, DESKTOP)
    log_in(page, site, "manager", "manager-demo")
    page.goto(site)
    take(page, "backoffice-dashboard")
    page.goto(f"{site}/orders")
    page.locator("tbody a").first.click()
    page.set_viewport_size(ViewportSize(width=1200, height=1080))
    page.get_by_role("heading", name="Event timeline").evaluate("heading => heading.scrollIntoView()")
    take(page, "backoffice-order")


def open_page(browser: Browser, window: ViewportSize, *, dark: bool = False) -> Page:
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    return browser.new_page(viewport=window, color_scheme=scheme, locale="en-GB", timezone_id="Europe/Berlin")


def put_in_cart(page: Page, site: str, name: str, quantity: int) -> None:
    page.goto(f"{site}/products?q={name}")
    page.locator(".tile-link").first.click()
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_role("button", name="Add to cart").click()


def log_in(page: Page, site: str, username: str, password: str) -> None:
    page.goto(f"{site}/login")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.locator("main form button").click()


def take(page: Page, name: str) -> None:
    """Take the picture of what is in the window, with few colours: our pages are flat."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)  # for the lights of an order
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
