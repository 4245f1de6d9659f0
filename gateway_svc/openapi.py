"""The OpenAPI 3.1 description, generated from the declarations of the routes."""

import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields, validate
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from gateway_svc import shapes
from gateway_svc.conditions import LONGEST_KEY
from gateway_svc.paths import VARIABLE, openapi_path
from gateway_svc.problems import PROBLEM
from gateway_svc.routes import Access, Answer, Declaration, Route
from shop.contracts.money import DECIMALS, MAX_AMOUNT, Money
from shop.service import validation as shop_fields

VARIABLES: dict[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "username": {"type": "string", "pattern": f"^{shop_fields.USERNAME}$"},
    "stream": {"type": "string", "pattern": "^[a-z-]+-[A-Za-z0-9._-]+$", "examples": ["customer-anna"]},
    "letter_id": {"type": "integer", "minimum": 1},
    "number": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{6,9}$", "examples": ["2026-000123"]},
}
"""Schemas of path variables, by converter, else by name."""

# As far as JSON Schema can express it: no invisible characters.
HIDDEN = "\\u202a-\\u202e\\u2066-\\u206f\\ue000-\\uf8ff\\ufff9-\\ufffb\\ufffe\\uffff"
PRINTABLE = f"[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029{HIDDEN}]"
LAID_OUT = f"[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f{HIDDEN}]"
VISIBLE = f"[^\\u0000-\\u0020\\u007f-\\u00a0\\u2028\\u2029{HIDDEN}]"
TYPED = "[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]"
TAG = '(W/)?"[!#-~]*"'
JSON = "application/json"
SESSION = "session"
ALWAYS = {
    400: "The request is malformed.",
    401: "No valid session.",
    414: "The request target is too long.",
    422: "Invalid values, listed by field in `errors`.",
    431: "The header fields are too long.",
    500: "An internal error occurred.",
    503: "A service is currently unavailable.",
}
WRITING = {
    408: "The request took too long to arrive.",
    413: "The request body is too large.",
    415: "Content-Type must be application/json.",
}
DESCRIPTION = """The HTTP API of the shop.

Errors are problem details (RFC 9457), with messages by field in `errors`. Amounts of money are strings with the
currency's decimal places. Every write accepts an `Idempotency-Key`: a repeated key and body return the same response.
`If-Match` on edits is optional.
"""


def declarations(service: type) -> list[tuple[str, Declaration]]:
    """Declarations of the service's routes, by method name, sorted by path."""
    found = [
        (name, entrypoint.declared)
        for name, method in inspect.getmembers(service, inspect.isfunction)
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if isinstance(entrypoint, Route)
    ]
    return sorted(found, key=lambda named: (named[1].path, named[1].method))


def describe(service: type[object], currency: str) -> dict[str, Any]:
    """The description of a service's routes.

    Args:
        currency: the shop's.
    """
    marshmallow = MarshmallowPlugin(schema_name_resolver=_component_name)
    spec = APISpec(
        title="Nameko Shop",
        version="1",
        openapi_version="3.1.0",
        info={"description": DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
        plugins=[marshmallow],
    )
    marshmallow.converter.add_attribute_function(_text_rules)  # type: ignore[union-attr]  # created with the spec
    spec.components.security_scheme(SESSION, {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=shapes.Problem)
    for name, declared in declarations(service):
        if declared.described:
            spec.path(openapi_path(declared.path), operations={declared.method.lower(): _operation(name, declared)})
    description: dict[str, Any] = spec.to_dict()
    for name, sign in (("Money", "-?"), ("Price", "")):
        description["components"]["schemas"][name]["properties"] = _money(currency, sign)
    return description


def _operation(name: str, declared: Declaration) -> dict[str, Any]:
    summary, _, more = (declared.handler.__doc__ or "").partition(". ")
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [_tag(declared.path)],
        "summary": summary.rstrip("."),
        "description": f"{more}\n\nFor: {declared.access}.".strip(),
        "parameters": [*_variables(declared.path), *_headers(declared), {"in": "query", "schema": declared.query}],
        "responses": _responses(declared),
    }
    if declared.body:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": declared.body}}}
    if declared.access is not Access.ANYONE:
        operation["security"] = [{SESSION: []}]
    return operation


def _responses(declared: Declaration) -> dict[str, Any]:
    answer = {str(declared.answer.status): _answer(declared.answer)}
    if declared.immediate:
        return answer
    return answer | {str(status): _problem(text) for status, text in sorted(_refusals(declared).items())}


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(answer.status).phrase}
    headers = {"Location": answer.location != "", "ETag": answer.versioned}
    if any(headers.values()):
        described["headers"] = {name: {"schema": {"type": "string"}} for name, sent in headers.items() if sent}
    json = {JSON: {"schema": _list_of(answer.shape) if answer.many else answer.shape}} if answer.shape else {}
    if content := json | {other: {} for other in answer.also}:
        described["content"] = content
    return described


def _list_of(shape: type[Schema]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": shape},
            "next": {
                "type": ["string", "null"],
                "description": "Cursor of the next page, for `after`; null on the last page.",
            },
        },
    }


def _refusals(declared: Declaration) -> dict[int, str]:
    """Reasons for which a request to this route can fail, by status."""
    reasons = dict(ALWAYS)
    if declared.writes:
        reasons |= WRITING
    if declared.access in (Access.CUSTOMER, Access.MANAGER):
        reasons[403] = "Your role does not permit this operation."
    if VARIABLE.search(declared.path):
        reasons[404] = "Not found, or not yours."
    for refusal in declared.refusals:
        text = str(refusal()).split(". ", maxsplit=1)[0].rstrip(".")
        said = reasons.get(refusal.status, "")
        reasons[refusal.status] = said if text in said else f"{said} {text}.".strip()
    return reasons


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM: {"schema": shapes.Problem}}}


def _variables(path: str) -> Iterator[dict[str, Any]]:
    for kind, name in VARIABLE.findall(path):
        yield {"in": "path", "name": name, "required": True, "schema": VARIABLES[kind or name]}


def _headers(declared: Declaration) -> Iterator[dict[str, Any]]:
    if declared.writes:
        schema = {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_KEY,
            "pattern": "^(?!.*, )[!-~]([ -~]*[!-~])?$",
        }
        yield {"in": "header", "name": "Idempotency-Key", "required": declared.key_required, "schema": schema}
    if declared.edits:
        schema = {"type": "string", "pattern": f"^([*]|{TAG}(, {TAG})*)$", "examples": ['"3"']}
        yield {"in": "header", "name": "If-Match", "required": False, "schema": schema}


def _money(currency: str, sign: str) -> dict[str, Any]:
    decimals = DECIMALS[currency]
    fraction = rf"(\.[0-9]{{1,{decimals}}})?" if decimals else ""
    amount = {
        "type": "string",
        "pattern": f"^{sign}[0-9]{{1,{len(str(MAX_AMOUNT)) - decimals}}}{fraction}$",
        "examples": [Money(1998, currency).text],
    }
    return {"amount": amount, "currency": {"type": "string", "enum": [currency]}}


def _text_rules(_converter: object, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Rules common to our text fields, as far as JSON Schema can express them."""
    if isinstance(field, shop_fields.Email):
        return {"format": "email"}
    if isinstance(field, shop_fields.Secret):
        return {"format": "password", "pattern": f"^{TYPED}*$"}
    if isinstance(field, shop_fields.Text):
        printable = LAID_OUT if field.multiline else PRINTABLE
        return {"pattern": f"^{printable}*$" if field.blank else f"^{printable}*{VISIBLE}{printable}*$"}
    pattern = next((str(rule.regex.pattern) for rule in field.validators if isinstance(rule, validate.Regexp)), None)
    # JSON Schema has the anchors of ECMAScript.
    return {"pattern": re.sub(r"\\A(.*)\\Z", r"^\1$", pattern)} if pattern else {}


def _tag(path: str) -> str:
    return path.split("/")[2] if path.startswith("/v1/") else "health"


def _component_name(schema: type[Schema] | Schema) -> str:
    name = schema.__name__ if isinstance(schema, type) else type(schema).__name__
    return name.removesuffix("Text").removesuffix("Fields")
