"""Pagination cursors: opaque to clients, the sort key and id of the last item for us."""

import base64
import binascii
from typing import Any

import orjson

from shop.contracts.errors import InvalidRequest

LONGEST = 2_000
LARGEST = 2**63 - 1


def cursor_of(*key: str | int) -> str:
    """A cursor for the key of a page's last item, safe in URLs."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def key_of(cursor: str | None, *types: type) -> list[Any] | None:
    """The key of a cursor by `cursor_of`; None without a cursor.

    Args:
        types: of the key's parts, str or int.

    Raises:
        InvalidRequest: the cursor does not belong to this list.
    """
    if cursor is None:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(_padded(cursor)))
    except (ValueError, binascii.Error) as error:
        raise _refusal() from error
    if not isinstance(key, list) or [type(part) for part in key] != list(types) or not all(map(_storable, key)):
        raise _refusal()
    return key


def _padded(cursor: Any) -> bytes:
    if not isinstance(cursor, str) or len(cursor) > LONGEST:
        raise _refusal()
    return cursor.encode("ascii") + b"=" * (-len(cursor) % 4)


def _storable(part: str | int) -> bool:
    """Whether a database accepts the value in a comparison."""
    return "\x00" not in part if isinstance(part, str) else abs(part) <= LARGEST


def _refusal() -> InvalidRequest:
    return InvalidRequest({"after": ["Not a valid cursor for this list."]})
