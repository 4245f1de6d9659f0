"""Paginated lists."""

from flask import request

from shop.http.client import Json, Problem
from shop.web import calls

ON_A_PAGE = 20


def page_of(path: str, **query: object) -> Json:
    """The page of a list after the query's cursor `after`; the first one for an invalid cursor.

    Returns:
        `{items, next, is_first}`.

    Raises:
        Problem, GatewayUnavailable.
    """
    after = request.args.get("after", "")
    try:
        page: Json = calls.read(path, **{"limit": ON_A_PAGE, **query, "after": after})
    except Problem as problem:
        if problem.status != 422 or "after" not in problem.errors:
            raise
        after = ""
        page = calls.read(path, **{"limit": ON_A_PAGE, **query})
    return page | {"is_first": not after}
