"""AMQP messages as copies: sender and receivers share no mutable value."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import amqp
from amqp.exceptions import FrameSyntaxError

PROPERTIES = frozenset(name for name, _ in amqp.Message.PROPERTIES)
ATOMS = (str, bytes, bool, int, float, Decimal, datetime, type(None))
PLAIN_ATOMS = frozenset(ATOMS)


@dataclass(frozen=True, slots=True)
class Published:
    """A published message; `properties` are the broker's own copy."""

    body: str | bytes
    properties: dict[str, Any]


def published(body: Any, properties: dict[str, Any]) -> Published:
    """A message from its sender.

    Args:
        body: serialized; anything but text is taken as bytes.
        properties: AMQP's basic properties. Unknown ones and None are dropped.

    Raises:
        FrameSyntaxError: a property or header has a value without an AMQP type.
    """
    carried = {name: wire_copy(value) for name, value in properties.items() if value is not None and name in PROPERTIES}
    return Published(body if isinstance(body, str | bytes) else bytes(body), carried)


def wire_copy(value: Any) -> Any:
    """Copy a table value as AMQP transfers it: tuples become lists.

    Raises:
        FrameSyntaxError: AMQP has no type for the value; raised here, too, so that it does not fail on RabbitMQ alone.
    """
    if type(value) in PLAIN_ATOMS:
        return value
    if isinstance(value, dict):
        return {key: wire_copy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [wire_copy(item) for item in value]
    if isinstance(value, ATOMS):
        return value
    raise FrameSyntaxError(f"Table type {type(value)!r} not handled by amqp.")
