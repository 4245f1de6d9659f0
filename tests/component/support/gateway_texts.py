"""Every text that the gateway takes, by its route and field, and a request that is right but for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from gateway_svc.fields import AmountText
from gateway_svc.openapi import declarations
from gateway_svc.routes import Access, Declaration
from gateway_svc.service import GatewayService
from shop.service import validation as shop_fields
from tests.component.support.gateway_client import CUSTOMER, MANAGER
from tests.component.support.gateway_samples import PRODUCT_ID

DECLARED = [declared for _, declared in declarations(GatewayService)]
VARIABLES = {"username": "Anna", "uuid": PRODUCT_ID}


@dataclass(frozen=True)
class TextField:
    """One text in the body or the query of a route."""

    declared: Declaration
    part: str
    path: tuple[str, ...]
    field: shop_fields.Text

    def __str__(self) -> str:
        return f"{self.declared.method} {self.declared.path} {self.part} {self.name}"

    @property
    def name(self) -> str:
        """As it stands in `errors`."""
        return ".".join(self.path)

    def request(self, text: str) -> dict[str, Any]:
        """The request that `Client` sends."""
        holder = self.declared.query if self.part == "query" else self.declared.body
        assert holder is not None
        values = body_of(holder()) if self.part == "body" else {}
        inside = values
        for name in self.path[:-1]:
            inside = inside[name]
        inside[self.path[-1]] = text
        return {
            "method": self.declared.method,
            "path": _address(self.declared.path),
            "token": CUSTOMER if self.declared.access is Access.CUSTOMER else MANAGER,
            "headers": {"Idempotency-Key": "k1"},
            **({"json": values} if self.part == "body" else {"params": values}),
        }


def text_fields() -> Iterator[TextField]:
    """All of them, also those inside of others."""
    for declared in DECLARED:
        for part, schema in (("body", declared.body), ("query", declared.query)):
            for path, field in _fields(schema() if schema else Schema()):
                if isinstance(field, shop_fields.Text):
                    yield TextField(declared, part, path, field)


def unchecked_texts() -> list[str]:
    """Fields that take any text at all."""
    return [
        f"{declared.method} {declared.path} {'.'.join(path)}"
        for declared in DECLARED
        for schema in (declared.body, declared.query)
        for path, field in _fields(schema() if schema else Schema())
        if type(field) is fields.String and not any(map(_bounds, field.validators))
    ]


def body_of(schema: Schema) -> dict[str, Any]:
    """Values that the schema takes."""
    return {name: _good(field) for name, field in schema.load_fields.items()}


SAMPLES: list[tuple[type[fields.Field[Any]], Any]] = [
    (shop_fields.Email, "anna@example.org"),
    (shop_fields.Text, "Good"),
    (shop_fields.Secret, "right password"),
    (shop_fields.Username, "anna"),
    (shop_fields.Id, PRODUCT_ID),
    (AmountText, {"amount": "1.00", "currency": "EUR"}),
    (fields.Integer, 1),
    (fields.String, "DE"),  # the only one of these in a body is the country
]


def _good(field: fields.Field[Any]) -> Any:
    if isinstance(field, fields.List):
        return [_good(field.inner)]
    if isinstance(field, fields.Nested) and not isinstance(field, AmountText):
        return body_of(field.schema)
    return next(sample for kind, sample in SAMPLES if isinstance(field, kind))


def _fields(schema: Schema) -> Iterator[tuple[tuple[str, ...], fields.Field[Any]]]:
    for name, field in schema.load_fields.items():
        if isinstance(field, fields.Nested) and not isinstance(field, AmountText):
            yield from (((name, *path), inner) for path, inner in _fields(field.schema))
        else:
            yield (name,), field


def _bounds(rule: object) -> bool:
    return isinstance(rule, validate.Regexp | validate.OneOf)


def _address(path: str) -> str:
    parts = [VARIABLES[part[1:-1].partition(":")[0]] if part.startswith("<") else part for part in path.split("/")]
    return "/".join(parts)
