"""Requirements on every page: headers, cookies, tokens of forms, languages, and the page of an error."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from shop.http.client import GatewayUnavailable, Problem
from shop.web.settings import SiteSettings
from storefront_web.app import create_app
from tests.web.support.fake_gateway import BOWL, UNAVAILABLE, order, page_of, session
from tests.web.support.visiting import Visitor, words


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def cookie_line(answer):
    return next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("storefront_session="))


def test_every_page_forbids_what_it_does_not_need(visitor):
    for path in ("/", "/products", "/nothing"):
        headers = visitor.get(path).headers

        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_template_has_code_or_style_inside(visitor):
    visitor.fill_cart().log_in()
    visitor.gateway.on("GET", "/v1/orders", page_of(order()))

    for path in ("/", "/products", f"/products/{BOWL}", "/cart", "/checkout", "/orders", "/profile", "/nothing"):
        page = visitor.text(path)
        assert " style=" not in page
        assert "<style" not in page
        assert "javascript:" not in page
        assert re.findall(r"<[^>]*\son\w+=", page) == []
        assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_private_pages_are_not_kept_by_browsers(visitor):
    assert visitor.get("/").headers["Cache-Control"] == "private, no-cache"
    assert visitor.get("/login").headers["Cache-Control"] == "no-store"
    assert visitor.get("/orders").headers["Cache-Control"] == "no-store"

    visitor.log_in()

    assert visitor.get("/").headers["Cache-Control"] == "no-store"
    assert visitor.get("/profile").headers["Cache-Control"] == "no-store"


def test_the_calls_of_a_page_share_the_time_that_it_may_take(visitor, monkeypatch):
    visitor.get("/")
    first, *_, last = visitor.gateway.calls
    monkeypatch.setattr("shop.web.calls.SECONDS_FOR_A_PAGE", 0)

    answer = visitor.get("/")

    assert 0 < last.seconds < first.seconds <= 9
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_files_are_kept_for_ever_at_addresses_that_change_with_them(visitor):
    page = visitor.text("/")
    stylesheet = page.split('<link rel="stylesheet" href="')[1].split('"')[0]

    with visitor.get(stylesheet) as answer:
        kept = answer.headers["Cache-Control"]

    assert "?v=" in stylesheet
    assert "max-age=31536000" in kept


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost:8001", "[::1]:8001", "localhost"])
def test_on_one_machine_the_cookie_needs_no_tls(visitor, host):
    line = cookie_line(visitor.get("/", headers={"Host": host}))

    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "Secure" not in line


@pytest.mark.parametrize("host", ["shop.example", "shop.example:8001", "192.0.2.7:8001", "127.0.0.1.shop.example"])
def test_elsewhere_the_cookie_travels_encrypted_only(visitor, host):
    line = cookie_line(visitor.get("/", headers={"Host": host}))

    assert "Secure" in line
    assert "HttpOnly" in line


def test_a_page_that_changes_nothing_leaves_the_cookie_alone(visitor):
    visitor.fill_cart().log_in().get("/cart")

    answer = visitor.get("/profile")

    assert "Set-Cookie" not in answer.headers, "it would undo what another tab does at the same moment"


def test_a_form_without_its_token_is_refused_with_a_page(visitor):
    answer = visitor.client.post(f"/cart/products/{BOWL}", data={"quantity": "1"})

    assert answer.status_code == 400
    assert "submit the form again" in words(answer)
    assert visitor.gateway.calls == []


def test_the_token_of_a_session_is_on_no_page(visitor):
    visitor.log_in()
    visitor.gateway.on("GET", "/v1/orders", page_of(order()))

    pages = [visitor.text(path) for path in ("/", "/profile", "/orders", "/cart")]

    assert not any("secret-token" in page for page in pages)
    assert visitor.gateway.asked("GET", "/v1/customers/me")[0].caller.token == "secret-token"


def test_logging_in_leads_back_to_the_page_that_asked_for_it(visitor):
    asked = visitor.get("/orders?status=approved")

    answer = visitor.send(asked.headers["Location"], {"username": "alice", "password": "correct horse"})

    assert asked.status_code == 303
    assert answer.headers["Location"] == "/orders?status=approved"


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\n/evil.example"]
)
def test_logging_in_leads_to_no_other_site(visitor, to):
    answer = visitor.send("/login", {"username": "alice", "password": "correct horse", "next": to})

    assert answer.headers["Location"] == "/"


def test_a_failed_log_in_says_so_and_keeps_the_name(visitor):
    visitor.gateway.on("POST", "/v1/sessions", Problem(401, "log-in-failed"))

    answer = visitor.send("/login", {"username": "alice", "password": "wrong"})

    assert answer.status_code == 422
    assert "Incorrect username or password." in words(answer)
    assert 'value="alice"' in answer.get_data(as_text=True)
    assert "wrong" not in answer.get_data(as_text=True).replace("field-wrong", "")


@pytest.mark.parametrize(
    ("seconds", "said"), [(77, "77 seconds"), (120, "2 minutes"), (121, "3 minutes"), (900, "15 minutes")]
)
def test_too_many_tries_say_how_long_to_wait(visitor, seconds, said):
    visitor.gateway.on("POST", "/v1/sessions", Problem(429, "too-many-tries", retry_after=seconds))

    answer = visitor.send("/login", {"username": "alice", "password": "wrong"})

    assert f"Try again in {said}." in words(answer)


def test_whoever_manages_the_shop_is_sent_to_the_back_office(visitor):
    visitor.gateway.on("POST", "/v1/sessions", session("manager", "manager"))

    answer = visitor.send("/login", {"username": "manager", "password": "correct horse"})

    assert "Use the back office" in words(answer)
    assert visitor.gateway.asked("DELETE", "/v1/sessions/current")[0].caller.token == "secret-token"
    assert visitor.get("/profile").status_code == 303, "nobody is logged in"


def test_a_dead_session_leads_to_the_log_in_and_keeps_the_cart(visitor):
    visitor.fill_cart().log_in()
    visitor.gateway.on("GET", "/v1/customers/me", Problem(401, "unauthenticated"))

    answer = visitor.get("/profile")

    assert answer.headers["Location"] == "/login?next=/profile"
    assert "Please log in again" in visitor.text("/login")
    assert "Stoneware Bowl" in visitor.text("/cart")


def test_a_session_that_is_over_is_not_tried(visitor):
    over = datetime.now(UTC) - timedelta(seconds=1)
    visitor.gateway.on("POST", "/v1/sessions", session() | {"expires_at": over.isoformat()})
    visitor.log_in()

    answer = visitor.get("/profile")

    assert answer.headers["Location"] == "/login?next=/profile"
    assert visitor.gateway.asked("GET", "/v1/customers/me") == []


@pytest.mark.parametrize("failure", [None, UNAVAILABLE, Problem(401, "unauthenticated")])
def test_logging_out_ends_the_session_and_empties_the_cart_whatever_happens(visitor, failure):
    visitor.fill_cart().log_in()
    visitor.gateway.on("DELETE", "/v1/sessions/current", failure)

    answer = visitor.send("/logout")

    assert answer.status_code == 303
    assert len(visitor.gateway.asked("DELETE", "/v1/sessions/current")) == 1
    assert visitor.get("/profile").status_code == 303
    assert "Your cart is empty" in visitor.text("/cart")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/nothing", 404, "Page not found"),
        ("/products/00000000-0000-4000-8000-00000000dead", 404, "Page not found"),
        ("/logout", 405, "cannot be opened directly"),
        ("/pictures/nothing-00000000.svg", 404, "Page not found"),
    ],
)
def test_what_is_not_there_has_a_friendly_page(visitor, path, status, says):
    answer = visitor.get(path)

    assert answer.status_code == status
    assert says in words(answer)
    assert "Go to home page" in words(answer)


@pytest.mark.parametrize(
    ("failure", "status", "says"),
    [
        (GatewayUnavailable("no"), 503, "not responding right now"),
        (Problem(403, "forbidden"), 403, "do not have permission to view this page"),
        (Problem(500, trace_id="abc123"), 500, "abc123"),
        (Problem(409, "edit-conflict"), 409, "Someone else has changed this"),
        (RuntimeError("a fault of ours"), 500, "The error is on our side"),
    ],
)
def test_whatever_fails_has_a_friendly_page_without_our_inside(visitor, failure, status, says):
    visitor.gateway.on("GET", "/v1/products", failure)

    answer = visitor.get("/products")

    assert answer.status_code == status
    assert says in words(answer)
    assert "Traceback" not in words(answer)
    assert "a fault of ours" not in words(answer)


def test_a_gateway_that_does_not_answer_is_worth_another_try(visitor):
    visitor.gateway.on("GET", "/v1/products", UNAVAILABLE)

    assert visitor.get("/products").headers["Retry-After"] == "5"
    assert visitor.get("/products", headers={"HX-Request": "true"}).data == b""


def test_too_large_a_form_is_refused(visitor):
    answer = visitor.send(f"/cart/products/{BOWL}", {"quantity": "1" * 70_000})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("asked", "greets"),
    [("de", "Warenkorb"), ("de-AT,de;q=0.8", "Warenkorb"), ("fr", "Cart"), ("en-US,de;q=0.5", "Cart"), ("", "Cart")],
)
def test_the_browser_says_which_language_it_speaks(visitor, asked, greets):
    assert greets in visitor.text("/", headers={"Accept-Language": asked})


def test_a_language_can_be_chosen_and_stays(visitor):
    answer = visitor.send("/language", {"language": "de", "next": "/products"})

    assert answer.headers["Location"] == "/products"
    assert "18,50\N{NO-BREAK SPACE}€" in visitor.text("/products")
    assert '<html lang="de">' in visitor.text("/products")


def test_what_the_gateway_says_is_translated(visitor):
    visitor.send("/language", {"language": "de"})
    found = {"username": ["Shorter than minimum length 3."], "email": ["Not a valid email address."]}
    visitor.gateway.on("POST", "/v1/customers", Problem(422, "invalid-request", errors=found))

    person = {"username": "x", "full_name": "X", "email": "x", "password": "correct horse"}
    page = words(visitor.send("/register", person))

    assert "Mindestens 3 Zeichen." in page
    assert "Geben Sie eine gültige E-Mail-Adresse ein." in page


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "23 Nov 2026, 10:30"),
        ("America/New_York", "23 Nov 2026, 04:30"),
        ("", "23 Nov 2026, 09:30 UTC"),
        ("Nowhere/Else", "23 Nov 2026, 09:30 UTC"),
        ("../../etc/passwd", "23 Nov 2026, 09:30 UTC"),
    ],
)
def test_times_are_in_the_zone_that_the_browser_told(visitor, zone, shown):
    visitor.log_in()
    visitor.gateway.on("GET", "/v1/orders", page_of(order()))
    visitor.client.set_cookie("timezone", zone)

    assert f">{shown}<" in visitor.text("/orders")


def test_the_gateway_learns_where_the_visitor_is(visitor):
    visitor.get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    visitor.get("/", environ_overrides={"REMOTE_ADDR": "127.0.0.1"}, headers={"X-Forwarded-For": "203.0.113.9"})
    visitor.get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}, headers={"X-Forwarded-For": "203.0.113.9"})

    told = [call.caller.address for call in visitor.gateway.asked("GET", "/v1/categories")]
    assert told == ["192.0.2.7", "203.0.113.9", "192.0.2.7"]


def test_a_proxy_elsewhere_is_believed_where_it_is_named(visitor):
    settings = SiteSettings.from_environment({"WEB_SECRET_KEY": "k" * 40, "TRUSTED_PROXIES": "192.0.2.0/24"})
    site = create_app(settings, visitor.gateway)

    site.test_client().get(
        "/", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}, headers={"X-Forwarded-For": "203.0.113.9"}
    )

    assert {call.caller.address for call in visitor.gateway.calls} == {"203.0.113.9"}


def test_a_site_says_that_it_lives(visitor):
    assert visitor.get("/healthz").data == b"ok\n"
    assert visitor.gateway.calls == []
