"""Values that only HTTP has: money as text, and the values of query strings."""

import pytest
from marshmallow import fields

from gateway_svc.calls import query_values
from gateway_svc.fields import AmountText, Body, Digits, Flag, Query, UuidText
from shop.contracts.errors import InvalidRequest
from shop.service.validation import check


class Priced(Body):
    price = AmountText(required=True)
    change = AmountText(least=None)


class Wanted(Query):
    limit = Digits(1, 100)
    flag = Flag()
    id = UuidText()
    text = fields.String()


def refusal(schema, values):
    with pytest.raises(InvalidRequest) as refused:
        check(schema, values)
    return refused.value.errors


def money(amount, currency="EUR"):
    return {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("text", "cents"), [("19.98", 1998), ("0", 0), ("0.5", 50), ("9999999.99", 999_999_999), ("-0.00", 0), ("007", 700)]
)
def test_an_amount_arrives_in_minor_units(text, cents):
    assert check(Priced(currency="EUR"), {"price": money(text)}) == {"price": {"amount": cents, "currency": "EUR"}}


def test_an_amount_has_the_decimals_of_its_currency():
    assert check(Priced(currency="JPY"), {"price": money("1998", "JPY")})["price"]["amount"] == 1998
    assert "price.amount" in refusal(Priced(currency="JPY"), {"price": money("19.9", "JPY")})


def test_an_amount_may_be_negative_where_the_field_says_so():
    priced = check(Priced(), {"price": money("1"), "change": money("-5.00")})

    assert priced["change"] == {"amount": -500, "currency": "EUR"}


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1,00", "1e3", "1.000", "1.999", "+1", "-1", "-0.01", "NaN", "Infinity", "0x10", "1_0", "1.", ".5"),
        *("10000000", "9" * 400, "१", "1\n", "1\x00", 5, 19.98, None, True, [], {}),
    ],
)
def test_another_amount_is_refused_by_name(text):
    assert list(refusal(Priced(), {"price": money(text)})) == ["price.amount"]


@pytest.mark.parametrize("currency", ["USD", "eur", "XXX", "", None, 1, ["EUR"], {}])
def test_another_currency_is_refused_by_name(currency):
    assert list(refusal(Priced(), {"price": money("1.00", currency)})) == ["price.currency"]


@pytest.mark.parametrize("price", ["19.98", 19.98, 1998, [], None, True])
def test_what_is_no_money_at_all_is_refused_by_name(price):
    assert list(refusal(Priced(), {"price": price})) == ["price"]


def test_money_has_no_other_parts():
    assert refusal(Priced(), {"price": {"amount": "1", "currency": "EUR", "rate": 2}}) == {
        "price.rate": ["Unknown field."]
    }
    assert set(refusal(Priced(), {"price": {}})) == {"price.amount", "price.currency"}


def test_the_values_of_a_query_are_read_from_text():
    identifier = "F0F4F5E0-1C38-4F8E-9A53-0D5C2F8B7A11"

    wanted = check(Wanted(), {"limit": "20", "flag": "true", "id": identifier})

    assert wanted == {"limit": 20, "flag": True, "id": identifier.lower()}
    assert check(Wanted(), {"flag": "false"}) == {"flag": False}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("limit", text) for text in ("0", "101", "-1", "+1", "1.0", "1e1", "", "x", "९", " 1", "9" * 5000)),
        *(("flag", text) for text in ("1", "yes", "True", "", "TRUE")),
        *(
            ("id", text)
            for text in ("", "x", "f0f4f5e01c384f8e9a530d5c2f8b7a11", "{f0f4f5e0-1c38-4f8e-9a53-0d5c2f8b7a11}")
        ),
        ("unknown", "x"),
    ],
)
def test_another_value_of_a_query_is_refused_by_name(name, text):
    assert list(refusal(Wanted(), {name: text})) == [name]


def test_a_query_string_is_taken_apart():
    assert query_values("q=a%20b+c&limit=5&x=") == {"q": "a b c", "limit": "5", "x": ""}
    assert query_values("") == {}


def test_an_empty_search_is_none():
    assert query_values("q=&limit=5") == {"limit": "5"}


def test_a_parameter_that_is_there_twice_is_named():
    with pytest.raises(InvalidRequest) as refused:
        query_values("limit=1&limit=2")

    assert refused.value.errors == {"limit": ["Must not be repeated."]}


def test_a_flood_of_parameters_is_refused():
    with pytest.raises(InvalidRequest):
        query_values("&".join(f"a{number}=1" for number in range(1000)))
