"""Pagination of short lists that a service returns whole."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from shop.contracts.views import Listed
from shop.service.pagination import cursor_of, key_of

T = TypeVar("T")


def page_by_key(
    items: Sequence[T], key: Callable[[T], tuple[str, str]], *, limit: int, after: str | None = None
) -> Listed[T]:
    """The next items in the order of their keys. The cursor, the last item's key, stays valid when the list changes.

    Raises:
        InvalidRequest: the cursor is not valid.
    """
    start = key_of(after, str, str)
    coming = sorted((item for item in items if start is None or key(item) > tuple(start)), key=key)
    return {"items": coming[:limit], "next": cursor_of(*key(coming[limit - 1])) if len(coming) > limit else None}


def page_by_number(items: Sequence[T], *, limit: int | None = None, after: str | None = None) -> Listed[T]:
    """The next items of an append-only list. The cursor is the number of items so far.

    Raises:
        InvalidRequest: the cursor is not valid.
    """
    (start,) = key_of(after, int) or (0,)
    end = len(items) if limit is None else start + limit
    return {"items": items[max(0, start) : end], "next": cursor_of(end) if end < len(items) else None}
