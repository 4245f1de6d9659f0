"""JSON as clients send it: read strictly, and whatever comes, refused with reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_svc.json_text import read_object, require_json
from gateway_svc.problems import BadJson, NotJson
from shop.contracts.errors import InvalidRequest


def test_an_object_is_read():
    assert read_object('{"a": [1, 2.5, null, true, "€"]}'.encode()) == {"a": [1, 2.5, None, True, "€"]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 01}',
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"a": 1} {"b": 2}',
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_what_is_not_json_is_refused(body):
    with pytest.raises(BadJson):
        read_object(body)


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"true"])
def test_what_is_not_an_object_is_refused(body):
    with pytest.raises(InvalidRequest) as refused:
        read_object(body)

    assert refused.value.errors == {"body": ["Must be a JSON object."]}


def test_a_hundred_levels_are_read_on_every_python():
    body = b'{"a":' * 100 + b"1" + b"}" * 100

    assert list(read_object(body)) == ["a"]


def test_a_field_that_is_there_twice_is_named():
    with pytest.raises(InvalidRequest) as refused:
        read_object(b'{"price": 1, "name": "a", "price": 2}')

    assert refused.value.errors == {"price": ["Must not be repeated."]}


@pytest.mark.parametrize("digits", ["1" * 400, "-" + "9" * 5_000])
def test_a_very_long_number_stays_too_large_for_everything(digits):
    number = read_object(f'{{"a": {digits}}}'.encode())["a"]

    assert abs(number) >= 10**18
    assert (number < 0) == digits.startswith("-")


def test_a_number_out_of_range_is_a_float_that_no_field_takes():
    assert read_object(b'{"a": 1e400}') == {"a": float("inf")}


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON", "application/json; charset=UTF-8", "application/json;x=y"]
)
def test_json_is_taken(content_type):
    require_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/json; charset=latin-1"],
)
def test_other_types_are_not(content_type):
    with pytest.raises(NotJson):
        require_json(content_type)


@given(st.binary(max_size=50) | st.text(alphabet='{}[]",:0-9eE.+truefalsn\\u', max_size=50).map(str.encode))
def test_no_bytes_do_more_than_being_refused(noise):
    try:
        value = read_object(noise)
    except (BadJson, InvalidRequest):
        return
    assert isinstance(value, dict)
