"""Becoming a customer and looking after the profile, with a gateway made up for the test."""

import re
from html import unescape

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, customer, eur
from tests.web.support.forms import fields_of
from tests.web.support.visiting import Visitor, words

WRONG_PASSWORD = Problem(422, "invalid-request", errors={"current_password": ["Current password is incorrect."]})
PERSON = {"username": "maria", "full_name": "Maria Keller", "email": "maria@example.org", "password": "correct horse"}
ADDRESS = {"street": "Mill Lane 3", "city": "York", "postcode": "YO1 7HH", "country": "GB"}


@pytest.fixture
def visitor() -> Visitor:
    visitor = Visitor()
    visitor.gateway.on("POST", "/v1/customers", customer())
    visitor.gateway.on("PATCH", "/v1/customers/me", customer())
    visitor.gateway.on("PUT", "/v1/customers/me/password", None)
    return visitor


def test_whoever_registers_is_logged_in(visitor):
    answer = visitor.send("/register", PERSON | {"next": "/checkout", "key": "abc"})

    (asked,) = visitor.gateway.asked("POST", "/v1/customers")
    assert answer.headers["Location"] == "/checkout"
    assert asked.body == PERSON
    assert asked.headers["Idempotency-Key"].startswith("abc-")
    assert "Welcome, Maria Keller!" in words(visitor.get("/"))
    assert visitor.get("/profile").status_code == 200


def test_an_empty_form_marks_each_field_and_asks_nobody(visitor):
    answer = visitor.send("/register", {})

    assert answer.status_code == 422
    assert words(answer).count("This field is required.") == 4
    assert answer.get_data(as_text=True).count('aria-invalid="true"') == 4
    assert visitor.gateway.asked("POST", "/v1/customers") == []


def test_what_the_gateway_finds_wrong_stands_next_to_its_field(visitor):
    hidden = "Must not contain U+202E, which cannot be displayed."
    found = {
        "email": ["Not a valid email address."],
        "username": ["Must not contain control characters."],
        "full_name": [hidden],
    }
    visitor.gateway.on("POST", "/v1/customers", Problem(422, "invalid-request", errors=found))

    page = visitor.send("/register", PERSON).get_data(as_text=True)

    for field, message in (
        ("email", "Enter a valid email address."),
        ("username", "Remove invisible characters."),
        ("full_name", "Remove the character U+202E: it cannot be displayed."),
    ):
        assert f'aria-describedby="{field}' in page or f'{field}-errors"' in page
        assert message in page.split(f'id="{field}-errors"')[1].split("</ul>")[0]
    assert 'value="Maria Keller"' in page
    assert "correct horse" not in page


def test_a_taken_name_is_told_next_to_it(visitor):
    visitor.gateway.on("POST", "/v1/customers", Problem(409, "username-taken"))

    page = visitor.send("/register", PERSON).get_data(as_text=True)

    assert "This username is already taken." in page.split('id="username-errors"')[1].split("</ul>")[0]


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "\N{ARABIC-INDIC DIGIT THREE}", "a\r\nX: y"])
def test_a_key_that_cannot_be_sent_is_another(visitor, key):
    visitor.send("/register", PERSON | {"key": key})

    sent = visitor.gateway.asked("POST", "/v1/customers")[0].headers["Idempotency-Key"]
    assert re.fullmatch("[0-9a-f]{32}-[0-9a-f]{12}", sent)


def test_after_a_refusal_the_form_is_another_request(visitor):
    visitor.gateway.on("POST", "/v1/customers", Problem(422, "invalid-request", errors={"email": ["No."]}))

    page = visitor.send("/register", PERSON | {"key": "abc"}).get_data(as_text=True)

    assert 'name="key" value="abc"' not in page


@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_a_password_has_8_to_128_characters(visitor, password):
    answer = visitor.send("/register", PERSON | {"password": password})

    assert answer.status_code == 422
    assert "characters." in words(answer)


def test_a_profile_shows_the_credit_in_its_parts(visitor):
    visitor.gateway.on("GET", "/v1/customers/me", customer("63.00", held=eur("12.00"), spent=eur("25.00")))

    page = words(visitor.log_in().get("/profile"))

    assert "Available credit €63.00 Reserved for open orders €12.00 Total spent €25.00" in page


def test_name_and_email_are_saved_at_the_version_that_was_shown(visitor):
    visitor.log_in()
    fields = {"full_name": " Alice L. ", "email": "al@shop.example", "version": "3", "key": "abc"}

    answer = visitor.send("/profile", fields)

    (asked,) = visitor.gateway.asked("PATCH", "/v1/customers/me")
    assert answer.headers["Location"] == "/profile"
    assert asked.body == {"full_name": "Alice L.", "email": "al@shop.example"}
    assert asked.headers["If-Match"] == '"3"'
    assert asked.headers["Idempotency-Key"].startswith("abc-")


def test_what_somebody_else_changed_is_not_overwritten_unseen(visitor):
    visitor.log_in()
    visitor.gateway.on("PATCH", "/v1/customers/me", Problem(412, "edit-conflict"))
    visitor.gateway.on("GET", "/v1/customers/me", customer(version=5))

    answer = visitor.send("/profile", {"full_name": "Typed", "email": "al@shop.example", "version": "3"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Someone else has changed this" in page
    assert 'value="Typed"' in page
    assert 'name="version" value="5"' in page, "so that it can be saved after another look"


def test_an_address_is_saved_and_removed(visitor):
    visitor.log_in()

    visitor.send("/profile/address", ADDRESS | {"version": "3"})
    visitor.send("/profile/address", {"remove": "1", "version": "3"})

    first, second = visitor.gateway.asked("PATCH", "/v1/customers/me")
    assert first.body == {"address": ADDRESS}
    assert second.body == {"address": None}


def test_errors_in_an_address_stand_next_to_its_fields(visitor):
    visitor.log_in()
    found = {"address.postcode": ["Length must be between 1 and 16."], "address.country": ["Invalid value."]}
    visitor.gateway.on("PATCH", "/v1/customers/me", Problem(422, "invalid-request", errors=found))

    page = visitor.send("/profile/address", ADDRESS | {"country": "zz"}).get_data(as_text=True)

    assert "Use 1 to 16 characters." in page.split('id="postcode-errors"')[1].split("</ul>")[0]
    assert "Invalid value." in page.split('id="country-errors"')[1].split("</ul>")[0]
    assert 'value="Mill Lane 3"' in page


def test_countries_are_named_in_the_visitors_language(visitor):
    visitor.log_in()
    visitor.send("/language", {"language": "de"})

    page = visitor.text("/profile")

    assert '<option value="AT">Österreich</option>' in page
    assert page.index("Oman<") < page.index("Österreich<") < page.index("Pakistan<")


def test_a_password_is_changed(visitor):
    visitor.log_in()

    answer = visitor.send("/profile/password", {"current_password": "correct horse", "new_password": "battery staple"})

    (asked,) = visitor.gateway.asked("PUT", "/v1/customers/me/password")
    assert answer.headers["Location"] == "/profile"
    assert asked.body == {"current_password": "correct horse", "new_password": "battery staple"}


def test_the_old_password_has_to_be_right(visitor):
    visitor.log_in()
    visitor.gateway.on("PUT", "/v1/customers/me/password", WRONG_PASSWORD)

    page = visitor.send(
        "/profile/password", {"current_password": "wrong horse", "new_password": "battery staple"}
    ).get_data(as_text=True)

    assert "Current password is incorrect." in page.split('id="current_password-errors"')[1].split("</ul>")[0]
    assert "battery staple" not in page
    assert visitor.get("/profile").status_code == 200, "still logged in"


@pytest.mark.parametrize("path", ["/profile", "/profile/address", "/profile/password"])
def test_no_profile_is_changed_without_a_log_in(visitor, path):
    answer = visitor.send(path, {"full_name": "X"}, headers={"Referer": "http://localhost/profile"})

    assert answer.headers["Location"] == "/login?next=/profile"
    assert [call for call in visitor.gateway.calls if call.method in ("PATCH", "PUT")] == []


@pytest.mark.parametrize(("way", "path"), [("web.log_in", "/login"), ("account.register", "/register")])
def test_whoever_has_no_account_yet_gets_to_the_checkout_all_the_same(visitor, way, path):
    visitor.fill_cart()
    asked = visitor.get("/checkout").headers["Location"]

    page = visitor.text(asked)
    register = [link for link in links(page, "/register") if "next=/checkout" in link]
    onwards = visitor.text(register[0])

    assert asked == "/login?next=/checkout"
    assert "New here?" in page
    assert len(register) == 2, "in the header and below the form"
    assert 'name="next" value="/checkout"' in onwards
    assert all("next=/checkout" in link for link in links(onwards, path)), way


@pytest.mark.parametrize("path", ["/cart", "/products?q=tea", f"/products/{BOWL}"])
def test_whoever_logs_in_or_registers_comes_back_to_the_page_they_were_on(visitor, path):
    page = visitor.text(path)

    for target in ("/login", "/register"):
        (link,) = links(page, target)
        answer = visitor.get(link)
        assert f'name="next" value="{path}"' in answer.get_data(as_text=True)


def test_a_page_that_is_not_there_is_none_to_come_back_to(visitor):
    assert links(visitor.text("/nowhere"), "/login") == ["/login"]
    assert links(visitor.text("/"), "/register") == ["/register"]


def test_an_address_added_at_the_checkout_leads_back_to_it(visitor):
    visitor.gateway.on("PATCH", "/v1/customers/me", customer())
    visitor.fill_cart().log_in()
    (link,) = links(visitor.text("/checkout"), "/profile?")

    wrong = visitor.client.post("/profile/address", data=fields_of(visitor.get(link), "/profile/address"))
    again = fields_of(wrong, "/profile/address") | ADDRESS
    saved = visitor.client.post("/profile/address", data=again)

    assert (wrong.status_code, again["next"]) == (422, "/checkout")
    assert saved.headers["Location"] == "/checkout"


def test_a_profile_leads_to_no_other_site(visitor):
    visitor.log_in()

    answer = visitor.send("/profile/address", ADDRESS | {"next": "https://elsewhere.example/"})

    assert answer.headers["Location"] == "/profile"


def links(page, target):
    """Where links go that begin like this."""
    found = [unescape(part.split('"')[0]) for part in page.split('href="')[1:]]
    return [
        link for link in found if link == target or link.startswith((f"{target}?", target if "?" in target else "\0"))
    ]
