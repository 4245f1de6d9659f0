"""The texts, names and amounts that the shop takes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from shop.contracts.errors import InvalidRequest
from shop.contracts.money import MAX_AMOUNT, Money
from shop.service.validation import (
    AddressFields,
    Email,
    Id,
    MoneyWire,
    Password,
    Secret,
    Text,
    Username,
    WholeNumber,
    check,
    require_currency,
)


def taken(field: fields.Field, value: object) -> object:
    return check(Schema.from_dict({"it": field})(), {"it": value})["it"]


def refused(field: fields.Field, value: object) -> list[str]:
    with pytest.raises(InvalidRequest) as refusal:
        taken(field, value)
    assert list(refusal.value.errors) == ["it"]
    return refusal.value.errors["it"]


def test_text_is_stripped():
    assert taken(Text(20), "  a shop \t") == "a shop"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "\u200b\u200e",
        "a\x00b",
        "a\x07b",
        "a\nb",
        "a\tb",
        "a\x85b",
        "a\u2028b",
        "\ud800",
        "x" * 21,
        3,
        None,
        ["a"],
        True,
    ],
)
def test_text_that_cannot_be_shown_or_kept_is_refused(value):
    assert refused(Text(20), value)


def test_long_text_keeps_its_lines_with_one_kind_of_line_end():
    assert taken(Text(20, multiline=True), "a\r\nb\tc\n") == "a\nb\tc"


@pytest.mark.parametrize("value", ["a\x00", "a\rb", "\x1b[2J", "\udfff"])
def test_long_text_has_no_other_control_characters(value):
    assert refused(Text(20, multiline=True), value) == ["Must not contain control characters."]


def test_text_that_may_be_blank_may_be_empty():
    assert taken(Text(20, blank=True), "  ") == ""


@given(st.text(max_size=40))
def test_text_that_is_taken_is_taken_again_unchanged(value):
    try:
        once = taken(Text(20, multiline=True), value)
    except InvalidRequest:
        return

    assert taken(Text(20, multiline=True), once) == once
    assert str(once).encode()


@pytest.mark.parametrize("value", ["ann", "Ann.B-c_3", "0" * 32])
def test_usernames_keep_their_spelling(value):
    assert taken(Username(), value) == value


@pytest.mark.parametrize(
    "value", ["an", ".ann", "-ann", "ann\n", "änn", "ann b", "a" * 33, "ann/", "", 123, None, "ann\u0661"]
)
def test_other_usernames_are_refused(value):
    assert refused(Username(), value)


def test_passwords_are_not_stripped_and_have_one_spelling():
    assert taken(Password(), " e\u0301234567 ") == " \u00e9234567 "


@pytest.mark.parametrize(
    "value", ["1234567", "x" * 129, "x" * 10_000_000, "12345678\x00", "12345678\udc00", 12345678, None]
)
def test_passwords_out_of_bounds_are_refused(value):
    assert refused(Password(), value)


def test_a_log_in_may_be_tried_with_a_short_password():
    assert taken(Secret(), "x") == "x"


@pytest.mark.parametrize("value", ["ann@example.com", "  ann.b+c@mail.example.org "])
def test_email_addresses_are_taken(value):
    assert taken(Email(), value) == value.strip()


@pytest.mark.parametrize(
    "value", ["ann", "ann@", "@example.com", "a b@example.com", "ann@example.com\x00", "a" * 250 + "@e.com"]
)
def test_what_is_no_email_address_is_refused(value):
    assert refused(Email(), value)


@pytest.mark.parametrize("value", [1.0, 1.5, "1", True, None, [1], 0, 11, 10**400])
def test_a_whole_number_is_an_integer_within_its_bounds(value):
    assert refused(WholeNumber(1, 10), value)
    assert taken(WholeNumber(1, 10), 7) == 7


def test_ids_come_in_their_usual_form_only():
    text = "5f0f4f5e-1c38-4f8e-9a53-0d5c2f8b7a11"

    assert taken(Id(), text) == UUID(text)
    for value in (f"{{{text}}}", f"urn:uuid:{text}", text.replace("-", ""), 12, None, "x"):
        assert refused(Id(), value)


def test_money_comes_in_minor_units():
    assert taken(MoneyWire(), {"amount": 1998, "currency": "EUR"}) == Money(1998, "EUR")


@pytest.mark.parametrize(
    "value",
    [
        {"amount": -1, "currency": "EUR"},
        {"amount": 1.5, "currency": "EUR"},
        {"amount": True, "currency": "EUR"},
        {"amount": "1", "currency": "EUR"},
        {"amount": MAX_AMOUNT + 1, "currency": "EUR"},
        {"amount": 1, "currency": "XXX"},
        {"amount": 1, "currency": ["EUR"]},
        {"amount": 1},
        {"amount": 1, "currency": "EUR", "more": 1},
        "1.00",
        None,
        [],
    ],
)
def test_what_is_no_amount_of_money_is_refused(value):
    assert refused(MoneyWire(), value)


def test_money_of_another_currency_is_refused_by_its_field():
    with pytest.raises(InvalidRequest) as refusal:
        require_currency("price", Money(1, "USD"), "EUR")

    assert refusal.value.errors == {"price": ["Currency must be EUR."]}


def test_messages_of_nested_fields_are_named_by_their_path():
    class Order(Schema):
        address = fields.Nested(AddressFields(), required=True)
        lines = fields.List(fields.Nested(Schema.from_dict({"quantity": WholeNumber(1, 9)})()))

    with pytest.raises(InvalidRequest) as refusal:
        check(Order(), {"address": {"street": "Way 1", "city": "", "country": "de"}, "lines": [{"quantity": 0}, 7]})

    assert set(refusal.value.errors) == {
        "address.city",
        "address.postcode",
        "address.country",
        "lines.0.quantity",
        "lines.1",
    }


def test_unknown_fields_are_refused_by_a_name_that_can_be_sent_back():
    with pytest.raises(InvalidRequest) as refusal:
        check(AddressFields(), {"\ud800\x00": 1, "s" * 200: 2}, partial=True)

    assert set(refusal.value.errors) == {"\ufffd\ufffd", "s" * 100}


def test_an_edit_may_leave_required_fields_out():
    assert check(AddressFields(), {"city": "Bern"}, partial=True) == {"city": "Bern"}


@pytest.mark.parametrize("values", [None, [], "text", 3])
def test_what_is_no_object_at_all_is_refused(values):
    with pytest.raises(InvalidRequest):
        check(AddressFields(), values)
