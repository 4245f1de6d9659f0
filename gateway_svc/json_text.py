"""Strict JSON: text that two parsers could read differently is refused (I-JSON, RFC 7493)."""

import json
from typing import Any, NoReturn

from werkzeug.http import parse_options_header

from gateway_svc.problems import BadJson, NotJson
from shop.contracts.errors import InvalidRequest
from shop.service.validation import flat

SIGNIFICANT_DIGITS = 20
DEEPEST = 100
"""Deepest nesting of objects and arrays. Python's own limit differs between versions."""


def require_json(content_type: str) -> None:
    """Raises: NotJson, unless it is `application/json`, in UTF-8."""
    media_type, options = parse_options_header(content_type)
    if media_type.lower() != "application/json" or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise NotJson("Content-Type must be application/json (UTF-8).")


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a request's body.

    Raises:
        BadJson: not UTF-8, not JSON, or nested too deep.
        InvalidRequest: not an object, or one with a field twice.
    """
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_int=_whole_number, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise BadJson("The request body is not UTF-8.") from error
    except ValueError as error:
        raise BadJson(f"The request body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise BadJson("The JSON body is nested too deeply.") from error
    if _levels(value) > DEEPEST:
        raise BadJson("The JSON body is nested too deeply.")
    if not isinstance(value, dict):
        raise InvalidRequest({"body": ["Must be a JSON object."]})
    return value


def _levels(value: Any) -> int:
    """Depth of nesting."""
    levels, level = 0, [value]
    while containers := [outer for outer in level if isinstance(outer, dict | list)]:
        level = [inner for outer in containers for inner in (outer.values() if isinstance(outer, dict) else outer)]
        levels += 1
    return levels


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise InvalidRequest(flat({name: ["Must not be repeated."] for name in values if names.count(name) > 1}))
    return values


def _whole_number(digits: str) -> int:
    """The number; a very long one, which Python refuses to parse, becomes another that is out of range as well."""
    return int(digits[:SIGNIFICANT_DIGITS])


def _no_number(name: str) -> NoReturn:
    raise BadJson(f"The request body is not valid JSON: {name} is not a number.")
