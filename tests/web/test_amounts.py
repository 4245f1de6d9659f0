"""Amounts in the notation of either language."""

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from shop.web.amounts import example, plain, shown
from tests.web.support.visiting import storefront


@pytest.fixture(autouse=True)
def request_context():
    with storefront().test_request_context():
        yield


@pytest.mark.parametrize(
    ("text", "english", "german"),
    [
        ("1234.56", "1234.56", "1234.56"),
        ("1234,56", "1234.56", "1234.56"),
        ("1.234,56", "1234.56", "1234.56"),
        ("1,234.56", "1234.56", "1234.56"),
        ("1 234,56", "1234.56", "1234.56"),
        ("1\u202f234.56", "1234.56", "1234.56"),
        ("1'234.56", "1234.56", "1234.56"),
        ("1\u2019234,56", "1234.56", "1234.56"),
        ("1.234.567", "1234567", "1234567"),
        ("1,234,567.8", "1234567.8", "1234567.8"),
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("12.34", "12.34", "12.34"),
        ("0.500", "0.500", "0.500"),
        ("0,500", "0.500", "0.500"),
        ("1234.567", "1234.567", "1234.567"),
        ("\uff15\uff0e\uff15\uff10", "5.50", "5.50"),
        ("١٢٣", "123", "123"),
        (" +5 ", "5", "5"),
        ("-5,00", "-5.00", "-5.00"),
        ("\u22125", "-5", "-5"),
        ("-0", "0", "0"),
        ("-0,00", "0.00", "0.00"),
    ],
)
def test_an_amount_is_what_it_says_in_the_pages_language(text, english, german):
    with force_locale("en_GB"):
        assert plain(text) == english
    with force_locale("de_DE"):
        assert plain(text) == german


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "+", ".", ",5", "5.", "5,", "--5", "+-5", "- 5", "1e5", "0x10", "1_000", "NaN", "inf", "abc"),
        *("\u00bd", "5\u00b2", "\u2460", "5 €", "5-", "1.234,567,890", "1,234.567.890", "1.23.456", "1.2345.678"),
        *("12 34", "1  234", "1.234 567", "1'23", "5\x00", "\ud800"),
    ],
)
@pytest.mark.parametrize("language", ["en_GB", "de_DE"])
def test_what_is_no_amount_is_refused(text, language):
    with force_locale(language), pytest.raises(ValueError, match="not an amount"):
        plain(text)


@given(st.integers(-(10**9), 10**9), st.integers(0, 2), st.sampled_from(["en_GB", "de_DE"]))
def test_what_a_page_shows_is_read_as_it_was(minor, decimals, language):
    amount = f"{'-' if minor < 0 else ''}{abs(minor) // 10**decimals}"
    amount += f".{abs(minor) % 10**decimals:0{decimals}}" if decimals else ""
    with force_locale(language):
        assert plain(shown(amount)) == amount or not minor
        assert plain(example(decimals)) == {0: "123456", 1: "12345.6", 2: "1234.56"}[decimals]
