"""Converts route paths to the form of OpenAPI and the metrics."""

import re

VARIABLE = re.compile(r"<(?:(\w+):)?(\w+)>")
"""A variable in werkzeug's form: an optional converter, and a name."""


def openapi_path(path: str) -> str:
    """`/v1/orders/{order_id}` for werkzeug's `/v1/orders/<uuid:order_id>`."""
    return VARIABLE.sub(r"{\2}", path)
