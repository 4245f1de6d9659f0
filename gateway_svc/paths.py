"""Paths of routes, as the description of the API and the metrics have them."""

import re

VARIABLE = re.compile(r"<(?:(\w+):)?(\w+)>")
"""In werkzeug's form: a converter, if any, and a name."""


def openapi_path(path: str) -> str:
    """`/v1/orders/{order_id}` for werkzeug's `/v1/orders/<uuid:order_id>`."""
    return VARIABLE.sub(r"{\2}", path)
