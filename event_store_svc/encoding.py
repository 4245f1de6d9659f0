"""Canonical JSON of commits: the bytes that are stored and hashed."""

from collections.abc import Sequence
from typing import Any

import orjson

from event_store_svc.domain import Link
from shop.contracts.errors import InvalidCommit, InvalidRequest
from shop.contracts.wire import UnsealedCommit


def encode(value: Any) -> bytes:
    """JSON in UTF-8 without whitespace, keys sorted: the same bytes for the same value.

    Raises:
        InvalidCommit: the value is not valid JSON: it has a lone surrogate or an integer of more than 64 bits.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InvalidCommit(str(error)) from error


def dump_link(link: Link) -> dict[str, str]:
    """A commit in the form of backups: its bytes as text, and their hash."""
    return {"hash": link.commit["hash"], "body": link.body.decode()}


def load_links(wire: Any) -> Sequence[Link]:
    """Commits from a backup. Raises: InvalidRequest."""
    try:
        return [decode(commit["body"].encode(), commit["hash"]) for commit in wire]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidRequest({"commits": [f"Not commits of a backup: {error}."]}) from error


def decode(body: bytes, commit_hash: str) -> Link:
    """The commit stored as these bytes.

    Raises:
        TypeError, ValueError: the bytes are damaged.
    """
    unsealed: UnsealedCommit = orjson.loads(body)
    return Link({**unsealed, "hash": commit_hash}, body)
