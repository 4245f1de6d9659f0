"""What the bus carries: JSON values, and the errors of the contracts as the classes that were raised."""

import json
from typing import Any

import orjson
from kombu.serialization import register
from nameko.exceptions import deserialize_to_instance

from shop.contracts import errors
from shop.contracts.errors import ShopError


def prepare() -> None:
    """Say so to the libraries, once in each process."""
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, ShopError):
            deserialize_to_instance(value)
    # The form is that of kombu's own encoder and decoder, which take several times as long.
    register("json", _dumps, _loads, content_type="application/json", content_encoding="utf-8")


def _dumps(value: Any) -> bytes:
    """Raises: TypeError, for what is not JSON."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        # Numbers of more than 64 bits, half characters: whoever gets them shall be the one to refuse them.
        return json.dumps(value).encode()


def _loads(text: str) -> Any:
    """Raises: ValueError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
