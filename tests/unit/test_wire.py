"""The JSON that messages are made of."""

from typing import Any

import pytest
from kombu.exceptions import EncodeError
from kombu.serialization import dumps, loads

from shop.contracts.names import Service
from shop.messaging import serialization

serialization.prepare()


def carried(value: Any) -> Any:
    content_type, encoding, body = dumps(value, "json")
    return loads(body, content_type, encoding)


@pytest.mark.parametrize(
    "value",
    [{"a": [1, 2.5, None, True, "ü"]}, 2**64, -(2**70), "half a character: \ud800", "\0", []],
    ids=["json", "65 bits", "70 bits", "half a character", "NUL", "nothing"],
)
def test_json_values_arrive_as_they_were(value: Any) -> None:
    assert carried(value) == value


def test_a_number_as_a_name_and_a_constant_of_ours_arrive_as_text() -> None:
    assert carried({1: (Service.ORDERS,)}) == {"1": ["orders"]}


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(EncodeError):
        dumps({"what": object()}, "json")


def test_others_read_what_we_write() -> None:
    content_type, encoding, body = dumps({"a": "ü"}, "json")

    assert (content_type, encoding, body.decode(encoding)) == ("application/json", "utf-8", '{"a":"ü"}')
