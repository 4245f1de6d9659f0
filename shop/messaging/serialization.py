"""Serialization of messages: JSON values, and errors of the contracts as their own classes."""

import json
from typing import Any

import orjson
from kombu.serialization import register
from nameko.exceptions import deserialize_to_instance

from shop.contracts import errors
from shop.contracts.errors import ShopError


def prepare() -> None:
    """Register the serializer with the libraries, once per process."""
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, ShopError):
            deserialize_to_instance(value)
    # The format of kombu's own encoder and decoder, which take several times as long.
    register("json", _dumps, _loads, content_type="application/json", content_encoding="utf-8")


def _dumps(value: Any) -> bytes:
    """Raises: TypeError, for values that are not JSON."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        # Integers of more than 64 bits, lone surrogates: left to the receiver to refuse.
        return json.dumps(value).encode()


def _loads(text: str) -> Any:
    """Raises: ValueError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
