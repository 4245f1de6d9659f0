"""Cursors of lists."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.errors import InvalidRequest
from shop.service.pagination import cursor_of, key_of

STORABLE_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=80)


@given(STORABLE_TEXT, st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_cursor_gives_its_key_back(text, number):
    assert key_of(cursor_of(text, number), str, int) == [text, number]


def test_no_cursor_is_the_beginning():
    assert key_of(None, str) is None


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ä",
        "!!!!",
        7,
        "A" * 5_000,
        encoded("nonsense"),
        encoded("[1]"),
        encoded('{"a": 1}'),
        encoded('["a"]'),
        encoded('["a", true]'),
        encoded('["a", 1, 2]'),
        encoded('["a", 1.0]'),
        encoded('["a", 9223372036854775808]'),
        encoded('["a", 1' + "0" * 30 + "]"),
        encoded('["\\u0000", 1]'),
        encoded('["\\ud800", 1]'),
        orjson.dumps(["a", 1]).decode(),
    ],
)
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(InvalidRequest) as refusal:
        key_of(cursor, str, int)

    assert list(refusal.value.errors) == ["after"]
