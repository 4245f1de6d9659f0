"""Conditional requests: Idempotency-Key makes a write idempotent, If-Match prevents lost updates."""

import re

from gateway_svc.problems import RequestProblem
from shop.contracts.errors import EditConflict

LONGEST_KEY = 255
MOST_VERSIONS = 8
KEY = re.compile(r"(?!.*, )[!-~](?:[ -~]{0,253}[!-~])?", re.ASCII)
"""A comma with a space would be two fields of that name, joined: two keys."""
ENTITY_TAG = re.compile(r'(W/)?"([!#-~\x80-\xff]*)"')
ENTITY_TAGS = re.compile(rf"[ \t]*{ENTITY_TAG.pattern}[ \t]*(,[ \t]*{ENTITY_TAG.pattern}[ \t]*)*")
VERSION = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class BadHeader(RequestProblem):
    """A header field is invalid."""


def idempotency_key(text: str | None, *, required: bool) -> str | None:
    """Raises: BadHeader, if the key is missing though required, or is not 1 to 255 printable ASCII characters."""
    if text is None and not required:
        return None
    if text is None or not KEY.fullmatch(text):
        message = "Required." if text is None else f"Must be 1 to {LONGEST_KEY} printable ASCII characters."
        raise BadHeader("The Idempotency-Key header is invalid.", {"Idempotency-Key": [message]})
    return text


def versions_to_match(if_match: str | None) -> list[int] | None:
    """The versions that the thing may have; None for any.

    Foreign and weak tags match nothing (RFC 9110, section 13.1.1).

    Raises:
        BadHeader: not a list of entity tags.
        EditConflict: no tag can match.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if not ENTITY_TAGS.fullmatch(if_match):
        raise BadHeader("The If-Match header is invalid.", {"If-Match": ['Must be entity tags such as "3", or *.']})
    versions = [int(tag) for weak, tag in ENTITY_TAG.findall(if_match) if not weak and VERSION.fullmatch(tag)]
    if not versions:
        raise EditConflict
    return versions[:MOST_VERSIONS]


def entity_tag(version: int) -> str:
    return f'"{version}"'
