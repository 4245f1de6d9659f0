"""Where the cart is: a signed cookie for each product, so that answers that cross do not overwrite each other."""

from http.cookies import SimpleCookie

import pytest
from flask.sessions import SecureCookieSessionInterface

from tests.web.support.fake_gateway import BOWL, LAMP, order, product
from tests.web.support.visiting import Visitor, storefront, words


class Browser:
    """Keeps cookies as a browser does, and can ask for several things before the first one is answered."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.cookies = visitor, {}
        self.take(visitor.get("/cart"))

    @property
    def units(self):
        """By product, as the cart's page shows them."""
        page = self.get("/cart")
        parts = [part for part in page.split("<input")[1:] if 'class="quantity"' in part]
        return {
            part.split('name="quantity-')[1].split('"')[0]: int(part.split('value="')[1].split('"')[0])
            for part in parts
        }

    def get(self, path):
        answer = self._ask("GET", path)
        self.take(answer)
        return answer.get_data(as_text=True)

    def send(self, path, **fields):
        """Returns the answer, which the browser has not got yet."""
        token = self.visitor.client.get("/cart", headers=self._headers()).get_data(as_text=True)
        token = token.split('name="csrf_token" value="')[1].split('"')[0]
        return self._ask("POST", path, data={"csrf_token": token, **fields})

    def take(self, answer):
        for line in answer.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value

    def _ask(self, method, path, **options):
        client = storefront().test_client(use_cookies=False)
        return client.open(path, method=method, headers=self._headers(), **options)

    def _headers(self):
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}


@pytest.fixture
def browser() -> Browser:
    visitor = Visitor()
    visitor.client = storefront().test_client(use_cookies=False)
    visitor.gateway.on("GET", f"/v1/products/{LAMP}", product(LAMP, "Moth Table Lamp", "84.00", units=3))
    return Browser(visitor)


def sign(contents):
    """A session as an earlier version of the site left it."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(storefront())
    return serializer.dumps(contents)


def test_two_products_put_in_at_the_same_moment_are_both_in_the_cart(browser):
    first = browser.send(f"/cart/products/{BOWL}", quantity="2")
    second = browser.send(f"/cart/products/{LAMP}")

    browser.take(first)
    browser.take(second)

    assert browser.units == {BOWL: 2, LAMP: 1}


def test_a_product_put_in_while_another_is_taken_out_stays(browser):
    browser.take(browser.send(f"/cart/products/{BOWL}", quantity="2"))
    removal = browser.send("/cart", remove=BOWL)
    browser.take(browser.send(f"/cart/products/{LAMP}"))

    browser.take(removal)

    assert browser.units == {LAMP: 1}


def test_an_old_cart_page_changes_only_what_was_changed_on_it(browser):
    browser.take(browser.send(f"/cart/products/{BOWL}", quantity="2"))
    page = {f"quantity-{BOWL}": "2", f"seen-{BOWL}": "2"}
    browser.take(browser.send(f"/cart/products/{BOWL}", quantity="3"))
    browser.take(browser.send(f"/cart/products/{LAMP}"))

    answer = browser.send("/cart", **page, update="1")
    browser.take(answer)

    assert answer.status_code == 303
    assert browser.units == {BOWL: 5, LAMP: 1}


def test_a_cart_of_an_earlier_version_is_still_there_and_moves(browser):
    browser.cookies["storefront_session"] = sign({"cart": [[LAMP, 3], [BOWL, 2]], "_permanent": True})
    assert list(browser.units.items()) == [(LAMP, 3), (BOWL, 2)]

    first, second = browser.send(f"/cart/products/{BOWL}"), browser.send("/cart", remove=LAMP)
    browser.take(first)
    browser.take(second)

    assert browser.units == {BOWL: 2}, "the later answer knew of no third bowl"
    browser.take(browser.send(f"/cart/products/{LAMP}"))
    assert list(browser.units) == [BOWL, LAMP]


@pytest.mark.parametrize("change", [lambda value: value[:-1], lambda value: "9" + value, lambda value: "", str.upper])
def test_a_line_that_we_did_not_sign_is_none(browser, change):
    browser.take(browser.send(f"/cart/products/{BOWL}", quantity="2"))
    (name,) = [name for name in browser.cookies if name.startswith("cart_")]
    browser.cookies[name] = change(browser.cookies[name])

    assert browser.units == {}


def test_a_line_counts_for_its_own_product_only(browser):
    browser.take(browser.send(f"/cart/products/{BOWL}", quantity="2"))
    browser.take(browser.send(f"/cart/products/{LAMP}"))
    bowl, lamp = [name for name in browser.cookies if name.startswith("cart_")]
    browser.cookies[bowl] = browser.cookies[lamp]

    assert browser.units == {LAMP: 1}


def test_cookies_of_a_full_cart_fit_into_a_request(browser):
    for number in range(50):
        id_ = f"00000000-0000-4000-8000-{number:012}"
        browser.visitor.gateway.on("GET", f"/v1/products/{id_}", product(id_))
        browser.take(browser.send(f"/cart/products/{id_}", quantity="1000"))

    lines = {name: value for name, value in browser.cookies.items() if name.startswith("cart_")}
    assert len(lines) == 50
    assert sum(len(name) + len(value) + 3 for name, value in lines.items()) < 4096


def test_lines_of_a_cart_are_out_of_reach_for_scripts_and_other_sites(browser):
    (line,) = [
        line
        for line in browser.send(f"/cart/products/{BOWL}").headers.getlist("Set-Cookie")
        if line.startswith("cart_")
    ]

    assert {"HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={30 * 86_400}"} <= set(line.split("; "))


def test_whoever_logs_out_is_told_that_the_cart_is_empty_now():
    visitor = Visitor()
    visitor.log_in().fill_cart(2)

    visitor.send("/logout")

    assert "You have been logged out, and your cart has been emptied." in words(visitor.get("/"))
    assert "Your cart is empty." in words(visitor.get("/cart"))
    visitor.log_in()
    visitor.send("/logout")
    assert "You have been logged out." in words(visitor.get("/"))


def test_what_was_ordered_leaves_the_cart_and_nothing_else():
    visitor = Visitor()
    visitor.gateway.on("POST", "/v1/orders", order())
    visitor.log_in().fill_cart(2)
    form = visitor.hidden("/checkout")
    visitor.fill_cart(1)

    visitor.client.post("/checkout", data=form)

    assert "1 item" in words(visitor.get("/"))
